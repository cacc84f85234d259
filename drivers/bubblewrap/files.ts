import { SandboxError } from "../../core/errors/index.ts";
import type { DirectoryEntry, FileStat } from "../../core/agent/sandbox.ts";
import type { Answer, AskOptions } from "./inner.ts";
import { quote } from "./quote.ts";

/** Reads and writes as the agent would: inside the inner wall, so a hostile link leads nowhere that the agent cannot go. */
export interface Files {
  stat(path: string): Promise<FileStat | null>;
  readFile(path: string, maxBytes: number): Promise<Uint8Array | null>;
  writeFile(path: string, content: Uint8Array): Promise<string | null>;
  list(path: string, depth: number, limit: number): Promise<readonly DirectoryEntry[]>;
  checkSyntax(command: string): Promise<string | null>;
}

const MAX_LISTING_BYTES = 16_000_000;
/** A process that goes beyond `ulimit -f` ends with SIGXFSZ. */
const FILE_TOO_LARGE = 128 + 25;
const NUL_IN_PATH = "a path cannot hold a NUL character";

export function createFiles(ask: (script: string, options?: AskOptions) => Promise<Answer>): Files {
  return {
    async stat(path) {
      if (path.includes("\0")) return null;
      const { status, output } = await ask(`stat -Lc '%F/%s' -- ${quote(path)} 2>/dev/null`);
      if (status !== 0) return null;
      const [type = "", size = "0"] = output.toString("latin1").trim().split("/");
      return { kind: kindOf(type), size: Number(size) };
    },

    async readFile(path, maxBytes) {
      if (path.includes("\0")) return null;
      const word = quote(path);
      const { status, output, omittedBytes } = await ask(
        `[[ -f ${word} && -r ${word} ]] && head -c ${maxBytes + 1} -- ${word} 2>/dev/null`,
        { maxBytes },
      );
      if (status !== 0) return null;
      if (omittedBytes > 0) throw new SandboxError("sandbox_failed", `${path} holds more than ${maxBytes} bytes.`);
      return new Uint8Array(output);
    },

    async writeFile(path, content) {
      if (path.includes("\0")) return NUL_IN_PATH;
      const word = quote(path);
      const fill = content.length === 0 ? `: >${word}` : `head -c ${content.length} <&96 >${word}`;
      const script = [
        `if [[ -d ${word} ]]; then echo ': Is a directory'; false`,
        `elif [[ -e ${word} && ! -f ${word} ]]; then echo ': Not a regular file'; false`,
        `else ${fill}; fi`,
      ].join("\n");
      const { status, output } = await ask(script, { feed: content, timeoutMs: 60_000 });
      if (status === 0) return null;
      if (status === FILE_TOO_LARGE) return "the file is larger than the limit";
      const reason = output.toString("utf8").trim().split("\n").at(-1) ?? "";
      return reason.slice(reason.lastIndexOf(": ") + 1).trim() || "the file could not be written";
    },

    async list(path, depth, limit) {
      if (path.includes("\0")) return [];
      const { output } = await ask(
        `find -H ${quote(path)} -mindepth 1 -maxdepth ${depth} -name '.*' -prune -o -mindepth 1 -printf '%Y %p\\0' 2>/dev/null`,
        { maxBytes: MAX_LISTING_BYTES },
      );
      const records = output.toString("utf8").split("\0");
      records.pop();
      const entries = records.map((record): DirectoryEntry => ({ path: record.slice(2), kind: kindOf(record[0]!) }));
      return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
    },

    async checkSyntax(command) {
      if (command.includes("\0")) return "bash: the command holds a NUL character";
      const text = Buffer.from(command);
      const { status, output } = await ask(`head -c ${text.length} <&96 | bash -O extglob -n`, { feed: text });
      if (status === 0) return null;
      return output.toString("utf8").trim() || "bash: syntax error";
    },
  };
}

function kindOf(type: string): FileStat["kind"] {
  if (type === "directory" || type === "d") return "directory";
  return type === "f" || type.startsWith("regular") ? "file" : "other";
}
