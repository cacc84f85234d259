import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { MAX_EVENT_BYTES } from "../../core/training/read-events.ts";

/** A longer line is cut: it is no event, and nobody reads it. Characters. */
const LONGEST = MAX_EVENT_BYTES;

/** Lines of a program that may write anything: without their ends, a carriage return counting as one, empty ones left out. */
export async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let open = "";
  const take = (text: string): void => {
    const parts = text.split(/\r\n|\n|\r/);
    for (const [at, part] of parts.entries()) {
      if (open.length < LONGEST) open += part.slice(0, LONGEST - open.length);
      if (at === parts.length - 1) break;
      if (open !== "") onLine(open);
      open = "";
    }
  };
  try {
    for await (const chunk of stream) take(decoder.write(chunk));
  } catch {
    // The pipe broke: what came before it is what there is.
  }
  take(decoder.end());
  if (open !== "") onLine(open);
}
