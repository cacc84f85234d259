import type { Hunk } from "../edit/hunks.ts";
import type { SourceView } from "../source/outline.ts";
import type { Action } from "./action.ts";

type Call = Pick<Action, "tool" | "input">;

/** The same intentions in the words of one toolset. Paths are relative to the repository, except in `create` and `remove`. */
export interface Belt {
  readonly toolset: "swe-agent" | "mini";
  shell(command: string): Call;
  folder(path: string): Call;
  view(path: string, first: number, last: number): Call;
  create(path: string, text: string): Call;
  /** Applies a hunk of a view; several attempts, to be tried until one does not fail. */
  edit(path: string, view: SourceView, attempts: readonly Hunk[]): readonly Call[];
  insert(path: string, afterLine: number, lines: readonly string[]): Call;
  submit(): Call;
}

/** In single quotes; paths come from prompts and may hold anything. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const WORKSPACE = "/testbed";
const absolute = (path: string): string => (path === "" || path === "." ? WORKSPACE : `${WORKSPACE}/${path}`);

const shell = (command: string): Call => ({ tool: "bash", input: { command } });

export const sweAgentBelt: Belt = {
  toolset: "swe-agent",
  shell,
  folder: (path) => editor({ command: "view", path: absolute(path) }),
  view: (path, first, last) => editor({ command: "view", path: absolute(path), view_range: [first, last] }),
  create: (path, text) => editor({ command: "create", path: absolute(path), file_text: text }),
  edit: (path, view, attempts) =>
    attempts.map((hunk) =>
      editor({
        command: "str_replace",
        path: absolute(path),
        old_str: view.lines.slice(hunk.start, hunk.end).join("\n"),
        new_str: hunk.lines.join("\n"),
      }),
    ),
  insert: (path, afterLine, lines) =>
    editor({ command: "insert", path: absolute(path), insert_line: afterLine, new_str: lines.join("\n") }),
  submit: () => ({ tool: "submit", input: {} }),
};

const editor = (input: Action["input"]): Call => ({ tool: "str_replace_editor", input });

/** `finalCommand` is what the prompt names as the way to hand in. */
export function miniBelt(finalCommand: string): Belt {
  const splice = (path: string, keep: number, from: number, lines: readonly string[]): Call => {
    const parts = [
      keep === 0 ? "{ cat <<'END_OF_EDIT'" : `{ head -n ${keep} ${quoted(path)}; cat <<'END_OF_EDIT'`,
      ...lines,
      "END_OF_EDIT",
      `tail -n +${from} ${quoted(path)}; } > /tmp/edited && cat /tmp/edited > ${quoted(path)} && rm /tmp/edited`,
    ];
    return shell(parts.join("\n"));
  };
  return {
    toolset: "mini",
    shell,
    folder: (path) => shell(`ls -p ${quoted(path === "" ? "." : path)} | head -60`),
    view: (path, first, last) => shell(`cat -n ${quoted(path)} | sed -n '${first},${last}p'`),
    create: (path, text) => shell(`cat > ${quoted(path)} <<'END_OF_FILE'\n${text}END_OF_FILE`),
    edit: (path, view, attempts) => {
      const [hunk] = attempts;
      return hunk === undefined ? [] : [splice(path, view.firstLine - 1 + hunk.start, view.firstLine + hunk.end, hunk.lines)];
    },
    insert: (path, afterLine, lines) => splice(path, afterLine, afterLine + 1, lines),
    submit: () => shell(finalCommand),
  };
}
