import { unescapeJson } from "../../../agent/reserved-literals.ts";
import { spacedJson } from "../../../agent/spaced-json.ts";
import { isJsonObject } from "../../../agent/json-members.ts";
import { repairJson } from "../../reply/repair-json.ts";
import { createJsonGate } from "./json-gate.ts";

/** No tool has a parameter of this name: clients refuse the call and tell the model why. */
const UNPARSED = "unparsed_input";

/** Arguments that are no JSON object as an input that every client refuses and shows to the model. */
export const unparsedInput = (text: string): string => spacedJson({ [UNPARSED]: text });

export interface ArgumentStream {
  push(text: string): void;
  end(isWhole: boolean): void;
}

/**
 * Passes a call's arguments on while they come. Whatever comes, the client gets the beginning of a valid JSON object: Claude Code
 * 1.0.128 and 2.0.77 end the session at other text, while all generations refuse a call whose input breaks off, and 2.1.329 says so
 * to the model with the text itself (tried). So a command that is cut or broken is never run and never lost.
 */
export function streamArguments(escapesReserved: boolean, emit: (json: string) => void): ArgumentStream {
  const gate = createJsonGate();
  let raw = "";
  let held = "";

  const pass = (text: string): void => {
    raw += text;
    const piece = gate.push(text);
    if (piece !== "") emit(piece);
  };

  return {
    push(text) {
      if (!escapesReserved) {
        pass(text);
        return;
      }
      const all = held + text;
      const end = escapeCutAt(all);
      held = all.slice(end);
      pass(unescapeJson(all.slice(0, end)));
    },
    end(isWhole) {
      pass(held);
      const { passed } = gate;
      const rest = gate.rest();
      if (rest !== null) emit(rest);
      else if (isWhole && isNothing(raw)) emit("{}");
      else {
        const repaired = isWhole ? (repairJson(raw) ?? unwrapped(raw)) : null;
        if (repaired?.startsWith(passed) === true) emit(repaired.slice(passed.length));
        else if (passed === "") emit(unparsedInput(raw));
      }
    },
  };
}

/** A tool without parameters is often called with none, or with `null`. */
const isNothing = (raw: string): boolean => raw.trim() === "" || raw.trim() === "null";

/** An object inside of a JSON string: some models, and some servers' parsers, encode arguments twice. */
function unwrapped(raw: string): string | null {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "string" && isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Where an escaped reserved literal may begin that the end of the text cuts. */
function escapeCutAt(text: string): number {
  const at = text.lastIndexOf("<");
  return at >= 0 && /^<\\*[/|]?[a-z_]{0,24}\|?$/.test(text.slice(at)) ? at : text.length;
}
