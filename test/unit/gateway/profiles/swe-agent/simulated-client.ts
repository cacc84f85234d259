import { posix } from "node:path";
import type { ClientBlock, ToolResultBlock, ToolUseBlock } from "../../../../../core/gateway/client/request.ts";

/** The generations of Claude Code whose results differ; texts follow captures of 1.0.128 and 2.1.329. */
export type Generation = "old" | "new";

export interface SimulatedMachine {
  readonly files: Map<string, string>;
  /** Runs a client call and gives its result, as Claude Code of that generation would. */
  run(use: ToolUseBlock): ToolResultBlock;
  /** How Claude Code shows a call of the model in later requests. */
  inHistory(use: ToolUseBlock): ToolUseBlock;
}

export interface MachineOptions {
  readonly generation: Generation;
  /** Absolute. */
  readonly directory: string;
  /** By path below the directory. */
  readonly files: Readonly<Record<string, string>>;
  /** What other commands than the gateway's own print. */
  readonly bash?: ((command: string) => { readonly text: string; readonly exitCode: number }) | undefined;
  /** Claude Code takes white space off the ends of lines that it writes. */
  readonly trims?: boolean | undefined;
}

const OLD_REMINDER = "\n\n<system-reminder>\nWhenever you read a file, think of its author.\n</system-reminder>\n";
const MAX_WHOLE_BYTES = 256 * 1024;
const OLD_WHOLE_LINES = 2_000;

export function createMachine({ generation, directory, files: initial, bash, trims = true }: MachineOptions): SimulatedMachine {
  const files = new Map(Object.entries(initial).map(([path, text]) => [posix.join(directory, path), text]));
  const known = new Map<string, string>();
  const isNew = generation === "new";

  const isFolder = (path: string) => path === directory || [...files.keys()].some((each) => each.startsWith(`${path}/`));
  const refusal = (text: string) => ({ text: isNew ? text : `<tool_use_error>${text}</tool_use_error>`, isError: true });
  const toolError = (text: string) => ({ text: `<tool_use_error>${text}</tool_use_error>`, isError: true });

  const numbered = (lines: readonly string[], first: number) => {
    const shown = lines
      .map((line, index) => (isNew ? `${first + index}\t${line}` : `${String(first + index).padStart(6)}→${line}`))
      .join("\n");
    return isNew ? shown : shown + OLD_REMINDER;
  };

  function read(input: ToolUseBlock["input"]) {
    const path = String(input["file_path"]);
    if (isFolder(path))
      return {
        text: isNew ? `EISDIR: illegal operation on a directory, read '${path}'` : "EISDIR: illegal operation on a directory, read",
        isError: true,
      };
    const text = files.get(path);
    if (text === undefined)
      return isNew
        ? { text: `File does not exist. Note: your current working directory is ${directory}.`, isError: true }
        : toolError("File does not exist.");
    const [offset, limit] = [input["offset"], input["limit"]].map((value) => (typeof value === "number" ? value : null));
    if (limit == null && offset == null && Buffer.byteLength(text) > MAX_WHOLE_BYTES)
      return refusal(
        "File content (300KB) exceeds maximum allowed size (256KB). Use offset and limit parameters to read specific portions of the file.",
      );
    known.set(path, text);
    const lines = text.split("\n");
    const first = offset ?? 1;
    if (text === "" && isNew)
      return { text: "<system-reminder>Warning: the file exists but the contents are empty.</system-reminder>", isError: false };
    const shown = lines.slice(first - 1, first - 1 + (limit ?? (isNew ? Infinity : OLD_WHOLE_LINES)));
    if (shown.length === 0 || (!isNew && shown.join("\n") === ""))
      return {
        text: `<system-reminder>Warning: the file exists but is shorter than the provided offset (${first}). The file has ${lines.length} lines.</system-reminder>`,
        isError: false,
      };
    return { text: numbered(shown, first), isError: false };
  }

  function edit(input: ToolUseBlock["input"]) {
    const [path, oldText, newText] = ["file_path", "old_string", "new_string"].map((name) => String(input[name])) as [
      string,
      string,
      string,
    ];
    const text = files.get(path);
    if (oldText === newText) return toolError("No changes to make: old_string and new_string are exactly the same.");
    if (text === undefined) return toolError("File does not exist.");
    if (oldText === "" && text !== "") return toolError("Cannot create new file - file already exists.");
    if (!isNew && known.get(path) === undefined) return toolError("File has not been read yet. Read it first before writing to it.");
    const places = text.split(oldText).length - 1;
    if (places === 0) return toolError(`String to replace not found in file.\nString: ${oldText}`);
    if (places > 1) return toolError(`Found ${places} matches of the string to replace, but replace_all is false.\nString: ${oldText}`);
    const at = text.indexOf(oldText);
    const swallowed = newText === "" && !oldText.endsWith("\n") && text[at + oldText.length] === "\n" ? 1 : 0;
    const after = text.slice(0, at) + newText + text.slice(at + oldText.length + swallowed);
    files.set(path, after);
    known.set(path, after);
    if (isNew) return { text: `The file ${path} has been updated successfully. (file state is current in your context)`, isError: false };
    const around = after.split("\n").slice(0, 8);
    const snippet = around.map((line, index) => `${String(index + 1).padStart(6)}→${line}`).join("\n");
    return {
      text: `The file ${path} has been updated. Here's the result of running \`cat -n\` on a snippet of the edited file:\n${snippet}`,
      isError: false,
    };
  }

  function write(input: ToolUseBlock["input"]) {
    const [path, content] = [String(input["file_path"]), String(input["content"])];
    if (isFolder(path)) return { text: `EISDIR: illegal operation on a directory, open '${path}'`, isError: true };
    const isThere = files.has(path);
    if (isThere && !isNew && !known.has(path)) return toolError("File has not been read yet. Read it first before writing to it.");
    files.set(path, content);
    known.set(path, content);
    return { text: isThere ? `The file ${path} has been updated successfully.` : `File created successfully at: ${path}`, isError: false };
  }

  function run(command: string) {
    const word = String.raw`('(?:[^']|'\\'')*'|[^\s']+)`;
    const plain = (text: string) => (text.startsWith("'") ? text.slice(1, -1).replaceAll(String.raw`'\''`, "'") : text);
    const found = new RegExp(`^find ${word} -mindepth 1 -maxdepth 2 -name '\\.\\*' -prune -o -print \\| sort$`).exec(command);
    if (found !== null) {
      const folder = plain(found[1]!).replace(/\/$/, "");
      if (!isFolder(folder))
        return { text: `find: '${folder}/': ${files.has(folder) ? "Not a directory" : "No such file or directory"}`, exitCode: 0 };
      const entries = new Set<string>();
      for (const path of files.keys()) {
        if (!path.startsWith(`${folder}/`)) continue;
        const parts = path.slice(folder.length + 1).split("/");
        for (let depth = 1; depth <= Math.min(2, parts.length); depth++) {
          const names = parts.slice(0, depth);
          if (!names.some((name) => name.startsWith("."))) entries.add(`${folder}/${names.join("/")}`);
        }
      }
      return { text: [...entries].toReversed().join("\n"), exitCode: 0 };
    }
    const removed = new RegExp(`^rm ${word}$`).exec(command);
    if (removed !== null) return { text: files.delete(plain(removed[1]!)) ? "" : "rm: cannot remove", exitCode: 0 };
    return bash?.(command) ?? { text: "", exitCode: 0 };
  }

  function bashResult(input: ToolUseBlock["input"]) {
    const { text, exitCode } = run(String(input["command"]));
    if (exitCode !== 0) return { text: isNew ? `Exit code ${exitCode}\n${text}`.trimEnd() : text || "Error", isError: true };
    return { text: text === "" && isNew ? "(Bash completed with no output)" : text, isError: false };
  }

  const trimLines = (text: string) =>
    trims
      ? text
          .split(/(\r\n|\n|\r)/)
          .map((part, index) => (index % 2 === 0 ? part.trimEnd() : part))
          .join("")
      : text;

  const tools = new Map([
    ["Bash", bashResult],
    ["Read", read],
    ["Edit", edit],
    ["Write", write],
  ]);
  return {
    files,
    run(use) {
      const done = tools.get(use.name)?.(use.input) ?? toolError(`Error: No such tool available: ${use.name}`);
      return { type: "tool_result", toolUseId: use.id, content: [{ type: "text", text: done.text }], isError: done.isError };
    },
    inHistory(use) {
      const { input } = use;
      if (use.name === "Edit") {
        const trimmed = { ...input, new_string: trimLines(String(input["new_string"])) };
        return { ...use, input: isNew ? { replace_all: false, ...trimmed } : trimmed };
      }
      if (use.name === "Write") return { ...use, input: { ...input, content: trimLines(String(input["content"])) } };
      if (use.name === "Bash") return { ...use, input: { ...input, command: String(input["command"]).replace(`cd ${directory} && `, "") } };
      return use;
    },
  };
}

/** The blocks of an answer as the client keeps them, and the results of its calls; results come back in another order than the calls. */
export function runCalls(machine: SimulatedMachine, blocks: readonly ClientBlock[]): { kept: ClientBlock[]; results: ToolResultBlock[] } {
  const kept = blocks.map((block) => (block.type === "tool_use" ? machine.inHistory(block) : block));
  const results = kept.filter((block) => block.type === "tool_use").map((use) => machine.run(use));
  return { kept, results: results.toReversed() };
}
