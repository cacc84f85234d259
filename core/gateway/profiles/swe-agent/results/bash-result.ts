import type { ToolResultBlock } from "../../../client/request.ts";
import { errorText, resultText } from "./result-text.ts";
import { NOT_RUN, REJECTED, says } from "./wordings.ts";

/** What the client's Bash brought. */
export type BashResult =
  | {
      readonly kind: "output";
      /** Both streams, as far as the client shows them; it cuts white space off the end and blank lines off the beginning. */
      readonly text: string;
      /** Null where the client does not say: always before 2.0, and for commands that did not end. */
      readonly exitCode: number | null;
      readonly ending: BashEnding | null;
    }
  /** Nothing was run; why, in the client's words. */
  | { readonly kind: "refused"; readonly text: string };

/** Why an output ends before the command did, or is not all of it. */
export type BashEnding =
  /** `text` is the output with the client's line on the time in it, for the case that the command itself wrote that line. */
  | { readonly kind: "timeout"; readonly afterMs: number; readonly text: string }
  /** It goes on without the client waiting for it; `sentence` says where its output goes. */
  | { readonly kind: "background"; readonly sentence: string }
  | { readonly kind: "aborted"; readonly sentence: string }
  /** Too much to show: it lies in a file. */
  | { readonly kind: "saved"; readonly path: string; readonly size: string };

export function readBashResult(result: ToolResultBlock): BashResult {
  return result.isError ? readFailure(result) : readSuccess(resultText(result));
}

/** 2.1.329; empty before. */
const NO_OUTPUT = /^\(\w+ completed with no output\)$/;

/** 2.1.329: the beginning, and what else the client has to say behind it. */
const SAVED =
  /^<persisted-output>\nOutput too large \(([^()\n]*)\)\. Full output saved to: (.*)\n\nPreview \([^()\n]*\):\n([^]*?)(?:\n\.\.\.)?\n<\/persisted-output>(?:\n([^]*))?$/;

/** 1.0.128 to 2.1.329, always last. What follows the file's name speaks of tools that the model does not have. */
const BACKGROUND =
  /(?:^|\n)(Command (?:running in background with ID|did not complete within|was moved to the background|was manually backgrounded)[^\n]*)$/;
const NEWS = / You will be notified\b.*$/;

/** In front of what was printed until then: 2.0.77, behind the exit code. */
const INTERRUPTED = /^(\[Request interrupted by user[^\]\n]*\])(?:\n|$)/;

/** 1.0.128 to 2.1.329. */
const ABORTED = /(?:^|\n)<error>(Command was aborted before completion)<\/error>$/;

function readSuccess(text: string): BashResult {
  if (NO_OUTPUT.test(text)) return output("", 0, null);
  const saved = SAVED.exec(text);
  if (saved !== null) {
    const [, size = "", path = "", preview = "", behind = ""] = saved;
    return output(behind === "" ? preview : `${preview}\n${behind}`, 0, { kind: "saved", path, size });
  }
  const background = BACKGROUND.exec(text);
  if (background !== null) {
    return output(text.slice(0, background.index), null, { kind: "background", sentence: background[1]!.replace(NEWS, "") });
  }
  return readAborted(text) ?? output(text, 0, null);
}

const EXIT_CODE = /^Exit code (\d+)(?:\n|$)/;

function readFailure(result: ToolResultBlock): BashResult {
  const whole = resultText(result);
  const words = errorText(result);
  const exit = EXIT_CODE.exec(whole);
  if (exit === null && (words !== whole || says(words, NOT_RUN) || says(words, REJECTED))) return { kind: "refused", text: words };
  // 1.0.128 says "Error" where there is no output, and no exit code.
  const text = exit === null ? whole.replace(/^Error$/, "") : whole.slice(exit[0].length);
  const exitCode = exit === null ? null : Number(exit[1]);
  const timeout = readTimeout(text);
  if (timeout !== null) return output(text.slice(timeout.length), exitCode, { kind: "timeout", afterMs: timeout.ms, text });
  const interrupted = INTERRUPTED.exec(text);
  if (interrupted !== null) return output(text.slice(interrupted[0].length), exitCode, { kind: "aborted", sentence: interrupted[1]! });
  return readAborted(text) ?? output(text, exitCode, null);
}

function readAborted(text: string): BashResult | null {
  const found = ABORTED.exec(text);
  return found === null ? null : output(text.slice(0, found.index), null, { kind: "aborted", sentence: `${found[1]!}.` });
}

/** 1.0.128: "1.5s", "1m 1s", then a blank and what went to stderr; 2.1.329: full seconds, on a line of its own. */
const TIMEOUT = /^Command timed out after ((?:\d+h ?)?(?:\d+m ?)?(?:\d+(?:\.\d+)?s)?)(?:[ \n]|$)/;

function readTimeout(text: string): { readonly ms: number; readonly length: number } | null {
  const found = TIMEOUT.exec(text);
  if (found === null || found[1] === "") return null;
  const figure = (unit: string) => Number(new RegExp(String.raw`([\d.]+)${unit}`).exec(found[1]!)?.[1] ?? 0);
  return { ms: ((figure("h") * 60 + figure("m")) * 60 + figure("s")) * 1000, length: found[0].length };
}

function output(text: string, exitCode: number | null, ending: BashEnding | null): BashResult {
  return { kind: "output", text, exitCode, ending };
}
