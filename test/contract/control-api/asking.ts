import { expect } from "vitest";
import { problemSchema, type ProblemBody } from "../../../core/control/api/wire/problem.ts";
import type { Deployment } from "./deployment.ts";

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** Asks over HTTP; every answer has the headers that all have. */
export async function ask<Body = Record<string, unknown>>(
  deployment: Deployment,
  method: string,
  path: string,
  options: { readonly key?: string; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${deployment.url}${path}`, {
    method,
    headers: {
      ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }),
    redirect: "manual",
  });
  expect(response.headers.get("x-request-id")).toMatch(/^req_[A-Za-z0-9]{24}$/);
  expect(response.headers.get("serac-version")).toBe("0.1.0-test");
  const text = await response.text();
  const body = text === "" ? null : JSON.parse(text);
  if (response.status >= 400) expectProblem(response.headers, response.status, body);
  return { status: response.status, headers: response.headers, body };
}

function expectProblem(headers: Headers, status: number, body: unknown): void {
  expect(headers.get("content-type")).toBe("application/problem+json");
  const problem: ProblemBody = problemSchema.strict().parse(body);
  expect(problem.status).toBe(status);
  expect(problem.requestId).toBe(headers.get("x-request-id"));
  expect(problem.type).toBe(`urn:serac:${problem.code}`);
  // No stack of this or any other machine.
  expect(JSON.stringify(problem)).not.toMatch(/node_modules|\.ts:\d|node:internal/);
}
