import type * as z from "zod";
import { problemSchema } from "./wire/problem.ts";

/** Parts of a route's description that all have in common. */

export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

const PROBLEMS = {
  400: "Something in the request is not allowed; `errors` names it.",
  401: "No key, an unknown one, or one that was revoked.",
  403: "The key lacks the scope.",
  404: "There is no such thing.",
  409: "Not in the state that it is in.",
  413: "The body is larger than 1 MB.",
  415: "The body is not JSON.",
  422: "It can be read, but not be done; `errors` names mistakes in the configuration.",
  500: "serac's own fault; the operator finds `requestId` in the log.",
  503: "AWS asks for less at the moment; `retry-after` says when to come again.",
} as const;

type ProblemStatus = keyof typeof PROBLEMS;
const problem = (status: ProblemStatus) => ({
  description: PROBLEMS[status],
  content: { "application/problem+json": { schema: problemSchema } },
});

const ALWAYS = { 401: problem(401), 403: problem(403), 500: problem(500), 503: problem(503) };

/** Those that every route with a key may answer with, and the route's own. */
export function problems<Status extends ProblemStatus>(
  ...own: readonly Status[]
): typeof ALWAYS & Record<Status, ReturnType<typeof problem>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.fromEntries knows no keys
  const entries = Object.fromEntries(own.map((status) => [status, problem(status)])) as Record<Status, ReturnType<typeof problem>>;
  return { ...ALWAYS, ...entries };
}
