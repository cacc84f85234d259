export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Names come from repositories and servers: they must not become Markdown, HTML or new lines. */
export function code(name: string): string {
  return `\`${plain(name).replaceAll("`", "'")}\``;
}

export function plain(name: string): string {
  return name
    .replaceAll(/[\s<>]+/g, " ")
    .trim()
    .slice(0, 200);
}
