import type { Action } from "../agent/action.ts";
import { quoted } from "../agent/belt.ts";

type Call = Pick<Action, "tool" | "input">;

/** What a guest conversation needs to do, in the words of one set of tools. Paths are relative to the working directory. */
export interface GuestBelt {
  /** What lies in the working directory. */
  look(): Call;
  read(path: string): Call;
  search(text: string): Call;
  /** One source file a line. */
  sources(): Call;
  /** Prints the number of lines; null where `append` needs none. A view of a long file does not show its end. */
  count(path: string): Call | null;
  append(path: string, lastLine: number, line: string): Call;
  tail(path: string): Call;
  /** Ends the turn; null where a reply without a call does. */
  readonly submit: Call | null;
}

const FIND =
  "find . -type f \\( -name '*.py' -o -name '*.ts' -o -name '*.js' -o -name '*.go' -o -name '*.rs' -o -name '*.java' -o -name '*.rb' \\) -not -path '*/.*' -not -path '*/node_modules/*' | sort | head -40";

const grep = (text: string): string => `grep -rnF -I --exclude-dir=.git --exclude-dir=node_modules -e ${quoted(text)} . | head -20`;

const editor = (input: Action["input"]): Call => ({ tool: "str_replace_editor", input });
const absolute = (path: string): string => (path === "" ? "/testbed" : `/testbed/${path}`);

/** The student's own three tools. */
export const studentBelt: GuestBelt = {
  look: () => editor({ command: "view", path: absolute("") }),
  read: (path) => editor({ command: "view", path: absolute(path) }),
  search: (text) => ({ tool: "bash", input: { command: grep(text) } }),
  sources: () => ({ tool: "bash", input: { command: FIND } }),
  count: (path) => ({ tool: "bash", input: { command: `grep -c '' ${quoted(path)}` } }),
  append: (path, lastLine, line) => editor({ command: "insert", path: absolute(path), insert_line: lastLine, new_str: line }),
  tail: (path) => ({ tool: "bash", input: { command: `tail -n 3 ${quoted(path)}` } }),
  submit: { tool: "submit", input: {} },
};

const bash = (command: string, description: string): Call => ({ tool: "Bash", input: { command, description } });

/** Claude Code's Bash, which does for everything here. */
export const clientBelt: GuestBelt = {
  look: () => bash("ls -p", "List the working directory"),
  read: (path) => bash(`cat -n ${quoted(path)} | head -n 400`, `Read ${path}`),
  search: (text) => bash(grep(text), "Search the sources"),
  sources: () => bash(FIND, "Find source files"),
  count: () => null,
  append: (path, _lastLine, line) => bash(`printf '%s\\n' ${quoted(line)} >> ${quoted(path)}`, `Add a line to ${path}`),
  tail: (path) => bash(`tail -n 3 ${quoted(path)}`, "Check the change"),
  submit: null,
};
