import type * as z from "zod";

import type { KeyPath } from "./layer.ts";
import { allowedIn, schemaAt } from "./known-keys.ts";
import { nearestKey } from "./nearest-key.ts";

/** One thing that is wrong with the settings, and the key that a person has to look at. */
export interface Mistake {
  readonly path: KeyPath;
  readonly text: string;
}

/** Never shown back: people put the key itself where its variable's name belongs. */
const PRIVATE = new Set(["teacher.apiKeyEnv", "teacher.baseUrl"]);
const MAX_SHOWN_CHARS = 60;
/** More than anybody lists. To look for the nearest of all keys takes a millisecond, and a file holds a hundred thousand unknown ones. */
const MAX_ADVISED = 100;

export function mistakesOf(issue: z.core.$ZodIssue, found: unknown): readonly Mistake[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") return issue.keys.map((key, at) => unknownKey([...path, key], at < MAX_ADVISED));
  const key = path.join(".");
  const node = schemaAt(path);
  if (issue.code === "invalid_key") {
    return [
      {
        path,
        text: `${parent(path)}: the id ${show(path.at(-1))} is not allowed; allowed: ${allowedIn(schemaAt(path.slice(0, -1)) ?? {})}`,
      },
    ];
  }
  const allowed = node === null ? issue.message : allowedIn(node);
  if (found === undefined) return [{ path, text: `${key} is missing; allowed: ${allowed}` }];
  const shown = PRIVATE.has(key) ? "a value that is none (not shown here)" : show(found);
  return [{ path, text: `${key}: found ${shown}; allowed: ${allowed}` }];
}

function unknownKey(path: KeyPath, isAdvised: boolean): Mistake {
  if (!isAdvised) return { path, text: `${shorten(path.join("."))} is no known key` };
  const nearest = nearestKey(path.map(String));
  const known = Object.keys(schemaAt(path.slice(0, -1))?.properties ?? {});
  const advice = nearest === null ? `known here: ${known.join(", ")}` : `did you mean ${nearest}?`;
  return { path, text: `${shorten(path.join("."))} is no known key; ${advice}` };
}

const parent = (path: KeyPath): string => path.slice(0, -1).join(".");

/** A value as a person would name it, short and on one line. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return shorten(JSON.stringify(value));
    case "number":
    case "boolean":
    case "bigint":
      return String(value);
    default:
      return value === null ? "nothing" : "a mapping";
  }
}

const shorten = (text: string): string => (text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}…`);
