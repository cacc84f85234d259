import { readdir, readFile, writeFile } from "node:fs/promises";
import { SERVE_TEMPLATE } from "../core/dataset/serve-template.ts";
import { JSON_SCHEMAS } from "./json-schemas.ts";
import { withReferences } from "./reference.ts";

/** Writes what the code generates anew: parts of docs/, the schemas beside the trainer, and the chat template. */
const docs = new URL("../docs/", import.meta.url);
for (const name of await readdir(docs)) {
  if (!name.endsWith(".md")) continue;
  const page = new URL(name, docs);
  await writeFile(page, await withReferences(await readFile(page, "utf8")));
}

for (const [path, text] of JSON_SCHEMAS) await writeFile(new URL(`../${path}`, import.meta.url), text);
await writeFile(new URL("../batch-images/vllm/serve.jinja", import.meta.url), SERVE_TEMPLATE);
