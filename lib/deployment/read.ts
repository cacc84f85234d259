import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as z from "zod";

import { allowedIn, knownKeys, type SchemaNode } from "../../core/config/known-keys.ts";
import { isMapping, mergeLayers, valueAt, type ConfigLayer, type KeyPath } from "../../core/config/layer.ts";
import { show } from "../../core/config/mistakes.ts";
import { nearestOf } from "../../core/config/nearest-word.ts";
import { yamlLayer } from "../../core/config/yaml-layer.ts";
import { InputError } from "../../core/errors/index.ts";
import { deploymentSchema, type Deployment } from "./schema.ts";

const FILES = ["serac.deploy.yaml", "serac.deploy.yml", "serac.deploy.json"] as const;
const CONTEXT = "serac";
const FILE_CONTEXT = "deploy";
const HINT = "docs/aws.md lists every key with what is allowed and what it is by default.";

/**
 * The settings in `folder`, which may have none: serac.deploy.yaml or .json, or the file that the context key `deploy` names. The context key
 * `serac` (a mapping in cdk.json, or `-c serac='{"name": "mine"}'`) wins key by key. InputError: config_unreadable, config_invalid.
 */
export function readDeployment(folder: string, context: (key: string) => unknown = () => undefined): Deployment {
  return resolveDeployment([fileLayer(folder, context(FILE_CONTEXT)), contextLayer(context(CONTEXT))].filter((layer) => layer !== null));
}

/** Later layers win. InputError("config_invalid") lists every mistake with its place, what was found and what is allowed. */
export function resolveDeployment(layers: readonly ConfigLayer[]): Deployment {
  const merged = mergeLayers(layers);
  const parsed = deploymentSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues
    .flatMap((issue) => describe(issue, merged))
    .map(({ path, text }) => `${placeOf(path, layers)}: ${text}`);
  const [only] = lines;
  const message = only !== undefined && lines.length === 1 ? only : [`The deployment has ${lines.length} mistakes:`, ...lines].join("\n  ");
  throw new InputError("config_invalid", message, { hint: HINT });
}

function fileLayer(folder: string, named: unknown): ConfigLayer | null {
  const file = typeof named === "string" ? named : FILES.find((name) => existsSync(join(folder, name)));
  if (file === undefined) return null;
  const path = resolve(folder, file);
  let content: Uint8Array;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new InputError("config_unreadable", `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      cause,
    });
  }
  // An empty file says: everything by default.
  return content.toString().trim() === "" ? null : yamlLayer(content, basename(file), { example: "name, region and email", hint: HINT });
}

function contextLayer(given: unknown): ConfigLayer | null {
  if (given === undefined || given === null) return null;
  const source = `the context key ${CONTEXT}`;
  const value = typeof given === "string" ? parseContext(given, source) : given;
  if (!isMapping(value)) throw new InputError("config_invalid", `${source} holds ${show(value)}; allowed is a mapping.`, { hint: HINT });
  return { source, value, where: (path) => (valueAt(value, path) === undefined ? null : source) };
}

function parseContext(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError("config_invalid", `${source} is not JSON: ${text.slice(0, 60)}`, { hint: HINT, cause });
  }
}

interface Mistake {
  readonly path: KeyPath;
  readonly text: string;
}

function describe(issue: z.core.$ZodIssue, found: unknown): Mistake[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey([...path, key]) }));
  if (issue.code === "custom") return [{ path, text: `${path.join(".")} ${issue.message}.` }];
  const value = valueAt(found, path);
  const node = nodeAt(path);
  const allowed = node === null ? issue.message : allowedIn(node);
  return [{ path, text: `${path.join(".")}${value === undefined ? " is missing" : `: found ${show(value)}`}; allowed: ${allowed}.` }];
}

function unknownKey(path: KeyPath): string {
  const leaf = String(path.at(-1));
  const section = path.slice(0, -1);
  const siblings = Object.keys(nodeAt(section)?.properties ?? {});
  const sibling = nearestOf(leaf, siblings);
  const nearest = sibling === null ? nearestElsewhere(leaf) : [...section, sibling].join(".");
  return `${path.join(".")} is no known key; ${nearest === null ? `known here: ${siblings.join(", ")}.` : `did you mean ${nearest}?`}`;
}

function nearestElsewhere(leaf: string): string | null {
  const keys = knownKeys(inputSchema()).map(({ path }) => path);
  const found = nearestOf(
    leaf,
    keys.map((path) => path.at(-1) ?? ""),
  );
  return keys.find((path) => path.at(-1) === found)?.join(".") ?? null;
}

/** What may be written in the file, as JSON Schema. */
export function inputSchema(): SchemaNode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod's type also covers schemas that it never writes for ours
  return z.toJSONSchema(deploymentSchema, { io: "input" }) as SchemaNode;
}

/** A mistake in an item that has no keys of its own is told as what the whole list may hold. */
function nodeAt(path: KeyPath): SchemaNode | null {
  let node: SchemaNode | undefined = inputSchema();
  for (const key of path) {
    if (typeof key === "number") node = node?.items?.properties === undefined ? node : node.items;
    else node = Object.hasOwn(node?.properties ?? {}, key) ? node?.properties?.[key] : undefined;
  }
  return node ?? null;
}

function placeOf(path: KeyPath, layers: readonly ConfigLayer[]): string {
  for (let length = path.length; length > 0; length--) {
    for (const layer of layers.toReversed()) {
      const place = layer.where(path.slice(0, length));
      if (place !== null) return place;
    }
  }
  return layers[0]?.source ?? "the defaults";
}
