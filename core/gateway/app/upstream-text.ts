import type { UpstreamResponse } from "../upstream/upstream.ts";

/** The first `maxBytes` of a body as text; the rest is not waited for. */
export async function readUpstreamText({ body }: UpstreamResponse, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body) {
    text += decoder.decode(chunk.subarray(0, maxBytes - size), { stream: true });
    size += chunk.byteLength;
    if (size >= maxBytes) break;
  }
  return text + decoder.decode();
}
