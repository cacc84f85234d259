import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { InputError } from "../../core/errors/index.ts";
import type { KeyRecord } from "../../core/gateway/keys.ts";
import type { Io } from "../io.ts";
import { secretOf } from "./flag-values.ts";
import { hashOf } from "../../core/gateway/key-ring.ts";

/** What applies to keys that say nothing else. */
export interface KeyLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
}

const perMinute = z.number().int().positive().nullable().optional();
const entry = z.strictObject({
  id: z.string().regex(/^[\w.@-]{1,64}$/, "allowed are letters, digits and . _ @ -, 64 at most"),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "allowed are 64 hexadecimal digits: the SHA-256 of the key, not the key itself")
    .optional(),
  keyEnv: z.string().optional(),
  revoked: z.boolean().optional(),
  requestsPerMinute: perMinute,
  tokensPerMinute: perMinute,
  capture: z.boolean().optional(),
});

/** One key out of the environment; its id is the variable's name. */
export function keyOfEnvironment(name: string, limits: KeyLimits, capture: boolean, io: Io): KeyRecord {
  return { id: name, sha256: hashOfSecret("--key-env", name, io), isRevoked: false, ...limits, capture };
}

/**
 * Keys out of a file: a list in YAML or JSON, or JSON lines in a `.jsonl`. Each has an id and either `sha256` or `keyEnv`.
 * InputError("keys_invalid") names file, entry and what is allowed; no value of a key is ever shown.
 */
export async function readKeyFile(file: string, limits: KeyLimits, io: Io): Promise<readonly KeyRecord[]> {
  const text = await readFile(resolve(io.cwd, file), "utf8").catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file" : cause.code === "EISDIR" ? "it is a folder" : cause.message;
    throw new InputError("keys_invalid", `${file} cannot be read: ${why}.`, { cause });
  });
  const entries = file.endsWith(".jsonl") ? linesOf(text, file) : await listOf(text, file);
  if (entries.length === 0) throw wrong(file, null, "it holds no key.");
  const records = entries.map((found, index) => recordOf(found, `${file}, entry ${index + 1}`, limits, io));
  for (const [index, { id, sha256 }] of records.entries()) {
    const earlier = records.slice(0, index);
    if (earlier.some((record) => record.id === id)) throw wrong(file, index, `the id ${id} is there already.`);
    if (earlier.some((record) => record.sha256 === sha256)) throw wrong(file, index, `the key of ${id} is another one's already.`);
  }
  return records;
}

function recordOf(found: unknown, where: string, limits: KeyLimits, io: Io): KeyRecord {
  const read = entry.safeParse(found);
  if (!read.success) throw new InputError("keys_invalid", `${where}: ${issueText(read.error.issues[0])}`, { hint: EXAMPLE });
  const { id, sha256, keyEnv } = read.data;
  if ((sha256 === undefined) === (keyEnv === undefined)) {
    throw new InputError("keys_invalid", `${where} (${id}): allowed is either sha256 or keyEnv, and one of them is needed.`, {
      hint: EXAMPLE,
    });
  }
  return {
    id,
    sha256: sha256?.toLowerCase() ?? hashOfSecret(`${where} (${id}), keyEnv`, keyEnv ?? "", io),
    isRevoked: read.data.revoked ?? false,
    requestsPerMinute: read.data.requestsPerMinute === undefined ? limits.requestsPerMinute : read.data.requestsPerMinute,
    tokensPerMinute: read.data.tokensPerMinute === undefined ? limits.tokensPerMinute : read.data.tokensPerMinute,
    capture: read.data.capture ?? false,
  };
}

const EXAMPLE = "For example `- { id: alice, sha256: … }`; `serac gateway --new-key alice` makes a key and its line.";
const KNOWN = Object.keys(entry.shape).join(", ");

function issueText(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "unrecognized_keys") return `${issue.keys.join(", ")} is not known; known are ${KNOWN}.`;
  const key = issue?.path.join(".") ?? "";
  return key === "" ? `an entry is a mapping with ${KNOWN}.` : `${key}: ${issue?.message ?? "not allowed"}.`;
}

/** Long enough that nobody tries them all. */
const SHORTEST_KEY = 16;

function hashOfSecret(flag: string, name: string, io: Io): string {
  const key = secretOf(flag, name, io) ?? "";
  if (key.length >= SHORTEST_KEY) return hashOf(key);
  throw new InputError("keys_invalid", `${flag}: the key in ${name} is shorter than ${SHORTEST_KEY} characters.`, {
    hint: "`serac gateway --new-key NAME` makes one that nobody guesses.",
  });
}

async function listOf(text: string, file: string): Promise<readonly unknown[]> {
  const { yamlValue } = await import("../config/yaml-value.ts");
  let list: unknown;
  try {
    list = yamlValue(text);
  } catch (cause) {
    throw new InputError("keys_invalid", `${file} is not valid YAML.`, { hint: EXAMPLE, cause });
  }
  if (Array.isArray(list)) return list;
  throw wrong(file, null, "it must hold a list.");
}

function linesOf(text: string, file: string): readonly unknown[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (cause) {
        throw new InputError("keys_invalid", `${file}, entry ${index + 1}: not valid JSON.`, { hint: EXAMPLE, cause });
      }
    });
}

const wrong = (file: string, index: number | null, what: string): InputError =>
  new InputError("keys_invalid", `${file}${index === null ? "" : `, entry ${index + 1}`}: ${what}`, { hint: EXAMPLE });
