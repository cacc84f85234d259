import { createHash } from "node:crypto";
import * as z from "zod";
import { DATASET_FORMATS } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";

export const DATASET_MANIFEST = "dataset.json";
export const DATASET_MANIFEST_SCHEMA = "serac.dataset/1";

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is no SHA-256 in lower-case hex");

const part = z.strictObject({
  rows: count,
  tokens: count,
  trainedTokens: count,
  /** SHA-256 over the column `text_sha256` of all rows, each followed by a line end, in the order of the rows. */
  textsSha256: sha256,
});

const schema = z.strictObject({
  schema: z.literal(DATASET_MANIFEST_SCHEMA),
  runId: z.string().min(1),
  repository: z.string().min(1),
  commit: z.string().nullable(),
  format: z.enum(DATASET_FORMATS),
  /** Of the rows, sorted; more than one only where runs were mixed, none where there is no row. */
  toolsets: z.array(z.string().min(1)),
  rehearsal: z.boolean(),
  /** SHA-256 of the chat template whose text the rows' hashes are of; null for `xml`, which has no template of ours. */
  templateSha256: sha256.nullable(),
  /** Whose vocabulary the tokens are counted in. */
  tokenizer: z.string().min(1),
  /** Where rows are cut. Tokens. */
  contextTokens: count,
  seracVersion: z.string().nullable(),
  /** As in the parts, over the rows of T1 and then those of T2. */
  textsSha256: sha256,
  t1: part,
  t2: part,
});

/** dataset.json: what an export holds, for a program. The card says more, for a person. */
export type DatasetManifest = Readonly<z.infer<typeof schema>>;

export const datasetManifestJson = (manifest: DatasetManifest): string => `${JSON.stringify(schema.parse(manifest), null, 2)}\n`;

/** InputError("dataset_invalid") for what is no such document; `where` names it in the message. */
export function readDatasetManifest(content: Uint8Array, where: string): DatasetManifest {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (cause) {
    throw new InputError("dataset_invalid", `${where} is no JSON.`, { hint: REMEDY, cause });
  }
  const checked = schema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const place = issue!.path.join(".") || "the document";
  throw new InputError("dataset_invalid", `${where} does not describe a dataset of serac: ${place}: ${issue!.message}.`, { hint: REMEDY });
}

const REMEDY = `It is written by \`serac export\` beside the rows, with \`"schema": "${DATASET_MANIFEST_SCHEMA}"\`; export the run again.`;

export interface TextHashes {
  add(textSha256: string): void;
  digest(): string;
}

/** Takes the rows' hashes in their order and gives `textsSha256`. */
export function collectTextHashes(): TextHashes {
  const hash = createHash("sha256");
  return { add: (textSha256) => void hash.update(`${textSha256}\n`), digest: () => hash.digest("hex") };
}
