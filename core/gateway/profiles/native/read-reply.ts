import type { ReplySink } from "../../client/reply.ts";
import { encodeCallId } from "../../state/call-id.ts";
import { encodeSignature } from "../../state/signature.ts";
import { textEnd } from "../background/text-reader.ts";
import type { ReplyReader } from "../profile.ts";
import { streamArguments, unparsedInput, type ArgumentStream } from "./stream-arguments.ts";

/** What a call is named that names no tool: the client answers that there is none of the name, and the model tries again. */
const NAMELESS = "unparsed_tool_call";

export interface NativeReaderOptions {
  readonly escapesReserved: boolean;
}

/** Passes a reply on as it comes: thoughts with the signature that puts them back, text, and calls under the client's own names. */
export function createNativeReader(options: NativeReaderOptions, sink: ReplySink, freshId: () => string): ReplyReader {
  /** White space at the end of the text: clients may drop it in front of a call, so that it rides in the call's id. */
  let blank = "";
  let stream: ArgumentStream | null = null;
  let hasCalls = false;

  const beginCall = (name: string): void => {
    const before = blank;
    blank = "";
    hasCalls = true;
    const unique = freshId();
    const id = before === "" ? `toolu_${unique}` : encodeCallId({ name, arguments: "", step: 0, before, isUnparsed: false }, {}, unique);
    sink.toolUse(id, name);
  };

  const endCall = (isWhole: boolean): void => {
    stream?.end(isWhole);
    stream = null;
  };

  return {
    take(part) {
      switch (part.kind) {
        case "thinking":
          sink.thinking(part.text);
          break;
        case "thought":
          sink.signature(encodeSignature({ kind: "thought", frame: part.frame }));
          break;
        case "text": {
          const text = blank + part.text;
          const visible = text.trimEnd();
          blank = text.slice(visible.length);
          sink.text(visible);
          break;
        }
        case "call":
          endCall(false);
          beginCall(part.name === "" ? NAMELESS : part.name);
          stream = streamArguments(options.escapesReserved, (json) => sink.toolInput(json));
          break;
        case "arguments":
          stream?.push(part.text);
          break;
        case "called":
          endCall(part.isWhole);
          break;
        case "unparsed":
          beginCall(nameIn(part.text) ?? NAMELESS);
          sink.toolInput(unparsedInput(part.text));
          break;
      }
    },
    end(finish, stop) {
      endCall(false);
      sink.text(blank);
      if (finish === "length") return { stopReason: "max_tokens", stopSequence: null };
      return hasCalls && finish !== "refused" ? { stopReason: "tool_use", stopSequence: null } : textEnd(finish, stop);
    },
  };
}

/** The tool that a broken call means, where it can be read. */
const nameIn = (text: string): string | null => /"name"\s*:\s*"([\w.-]{1,128})"/.exec(text)?.[1] ?? null;
