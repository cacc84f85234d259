import type { Hook } from "@hono/zod-openapi";
import type * as z from "zod";
import { nearestOf } from "../../config/nearest-word.ts";
import { show } from "../../config/mistakes.ts";
import { valueAt } from "../../config/layer.ts";
import type { ErrorCode } from "../../errors/index.ts";
import type { ControlEnv } from "./deps.ts";
import { ApiProblem, type Mistaken } from "./problem.ts";

const UNKNOWN: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  runId: ["run_unknown", "run"],
  sampleId: ["sample_unknown", "sample"],
  keyId: ["key_unknown", "key"],
  modelId: ["model_unknown", "model"],
};

/** What does not fit a route's schemas, as a problem that names every mistake. */
export const refuseInvalid: Hook<unknown, ControlEnv, string, void> = (result, { req }) => {
  if (result.success) return;
  const { issues } = result.error;
  const [name, given] = Object.entries<string>(req.param())[0] ?? ["", ""];
  // An id that cannot be one is that of nothing.
  if (result.target === "param") throw unknownId(name, given);
  // The library hands the data on in both cases.
  const found: unknown = "data" in result ? result.data : undefined;
  const errors = issues.slice(0, MAX_MISTAKES).flatMap((issue) => mistakesIn(issue, found));
  const where = result.target === "json" ? "body" : result.target;
  const [only] = errors;
  const detail =
    errors.length === 1 && only !== undefined
      ? `In the ${where}: ${only.message}.`.replace(/\?\.$/, "?")
      : `The ${where} has ${errors.length} mistakes.`;
  throw new ApiProblem(400, "usage", detail, { errors });
};

export function unknownId(name: string, given: string): ApiProblem {
  const [code, what] = Object.hasOwn(UNKNOWN, name) ? UNKNOWN[name]! : (["usage", "such thing"] as const);
  return new ApiProblem(404, code, `There is no ${what} ${JSON.stringify(given.slice(0, 200))}.`);
}

const MAX_MISTAKES = 50;

function mistakesIn(issue: z.core.$ZodIssue, found: unknown): readonly Mistaken[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") return issue.keys.slice(0, MAX_MISTAKES).map((key) => unknownKey(key, path, issue.message));
  const key = path.join(".");
  const value = valueAt(found, path);
  if (value === undefined) return [{ key, message: `${key} is missing; allowed: ${allowedBy(issue)}` }];
  return [{ key, message: `${key === "" ? "" : `${key}: `}found ${show(value)}; allowed: ${allowedBy(issue)}` }];
}

/** `known`: the keys that are, with blanks between. */
function unknownKey(written: string, path: readonly (string | number)[], known: string): Mistaken {
  const names = known.split(" ");
  const nearest = nearestOf(written, names);
  const key = [...path, written.slice(0, 60)].join(".");
  return { key, message: `${key} is no known key; ${nearest === null ? `known here: ${names.join(", ")}` : `did you mean ${nearest}?`}` };
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  array: "a list",
  object: "an object",
  record: "an object",
};

function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? `a ${issue.expected}`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "number" || issue.origin === "int" ? `${issue.minimum} or more` : `at least ${issue.minimum} long`;
    case "too_big":
      return issue.origin === "number" || issue.origin === "int" ? `up to ${issue.maximum}` : `at most ${issue.maximum} long`;
    default:
      return issue.message;
  }
}
