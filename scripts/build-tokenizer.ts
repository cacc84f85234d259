import { pathToFileURL } from "node:url";
import { buildQwen3Asset, QWEN3_ASSET, writeAtomically } from "../core/dataset/tokenizer/qwen3-asset.ts";

/** usage: node scripts/build-tokenizer.ts <assets folder>: writes Qwen3's vocabulary in the form that the published package carries. */
const folder = process.argv[2];
if (folder === undefined) {
  console.error("usage: node scripts/build-tokenizer.ts <assets folder>");
  process.exit(2);
}
const target = new URL(QWEN3_ASSET, pathToFileURL(`${folder}/`));
const content = await buildQwen3Asset();
await writeAtomically(target, content);
console.error(`${QWEN3_ASSET}: ${content.byteLength} bytes`);
