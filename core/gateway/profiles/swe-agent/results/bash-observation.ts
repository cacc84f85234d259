import { CLIP_MARKER, interruption, observation, printedText, withNote } from "../../../../agent/observation.ts";
import type { ToolResultBlock } from "../../../client/request.ts";
import { readBashResult, type BashEnding } from "./bash-result.ts";

/** Clients round the time that they name. */
const ROUNDING_MS = 1_000;

/**
 * What the harness would have shown of a command that the client ran: no exit code, colours gone, the line end that the client took off
 * the last line put back. `limitMs` is the time that the command was given.
 */
export function bashObservation(result: ToolResultBlock, limitMs: number, toModel: (text: string) => string): string {
  const read = readBashResult(result);
  if (read.kind === "refused") return observation(toModel(read.text));
  const { text, ending } = read;
  if (ending === null) return observation(toModel(asPrinted(text)));
  if (ending.kind === "timeout" && Math.abs(ending.afterMs - limitMs) > ROUNDING_MS) return observation(toModel(asPrinted(ending.text)));
  if (ending.kind === "saved") return observation(toModel(`${asPrinted(text)}${CLIP_MARKER}\n${noteOf(ending, limitMs)}`));
  return observation(toModel(withNote(asPrinted(text), noteOf(ending, limitMs))));
}

function noteOf(ending: BashEnding, limitMs: number): string {
  switch (ending.kind) {
    case "timeout":
      return interruption({ outcome: "timeout", restarted: null }, limitMs);
    case "saved":
      return `The output is too long (${ending.size}) and goes on in ${ending.path}. Look at that file with head, tail or grep.`;
    default:
      return ending.sentence;
  }
}

function asPrinted(text: string): string {
  const printed = printedText(text);
  return printed === "" || printed.endsWith("\n") ? printed : `${printed}\n`;
}
