import type { ArtifactStore } from "../../svg/artifacts.ts";

/** What somebody put into a drop, which can be of any size. Null when it has more than `maxBytes`: no more of it is read. */
export async function readSmall(artifacts: Pick<ArtifactStore, "stream">, key: string, maxBytes: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of artifacts.stream(key)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
