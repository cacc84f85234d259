import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What a transform makes of a source. Errors of either are thrown; whoever stops early stops both. */
export async function* through(source: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Buffer> {
  const flow = pipeline(source, transform);
  // Whoever reads the transform sees the error; this promise is only asked afterwards.
  flow.catch(() => undefined);
  try {
    for await (const chunk of transform) yield chunk;
    await flow;
  } finally {
    transform.destroy();
  }
}
