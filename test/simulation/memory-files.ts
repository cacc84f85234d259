/** The simulated repository: a function a file, all of the same few lines. */
export const pathOf = (index: number): string => `src/area_${index}.py`;

export const linesOf = (index: number): readonly string[] => [
  `def area_${index}(width, height):`,
  `    """The inner area of frame ${index}."""`,
  `    margin_of_the_frame = ${index % 7}`,
  `    outer_area_of_the_frame = width * height`,
  `    return outer_area_of_the_frame - margin_of_the_frame - ${index}`,
];

/** Null for a path that is not in the repository. */
export function originalText(path: string): string | null {
  const found = /^src\/area_(\d+)\.py$/.exec(path);
  return found === null ? null : `${linesOf(Number(found[1])).join("\n")}\n`;
}

/** As git writes it, with the whole file in one hunk. */
export function diffOf(path: string, before: string, after: string): string {
  const old = before.split("\n").slice(0, -1);
  const now = after.split("\n").slice(0, -1);
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const lines = [
    `diff --git a/${path} b/${path}`,
    "index 1111111..2222222 100644",
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -1,${old.length} +1,${now.length} @@`,
    ...old.slice(0, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail).map((line) => ` ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The files that `diffOf` leads to. */
export function filesAfter(diff: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const part of diff.split(/^(?=diff --git )/m).filter((text) => text !== "")) {
    const lines = part.split("\n").slice(0, -1);
    const path = lines[3]!.slice("+++ b/".length);
    const kept = lines.slice(5).filter((line) => line[0] !== "-");
    files.set(path, `${kept.map((line) => line.slice(1)).join("\n")}\n`);
  }
  return files;
}
