import { expect, test } from "vitest";
import { SeracError } from "../../../core/errors/index.ts";
import { openLog, redactor } from "../../../lambdas/log.ts";

function opened(): { log: ReturnType<typeof openLog>; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: openLog({ function: "worker" }, (line) => lines.push(JSON.parse(line))) };
}

test("one line of JSON, with what every line of a function has", () => {
  const { log, lines } = opened();
  log.info({ sample: "r-1-s000001", durationMs: 12, outcome: "done" });
  expect(lines).toMatchObject([{ level: 30, function: "worker", sample: "r-1-s000001", durationMs: 12, outcome: "done" }]);
});

test("a secret that was learnt is not written, wherever it stands", () => {
  const { log, lines } = opened();
  redactor.hide('sk-te"acher-0001');
  log.info({ detail: 'the key sk-te"acher-0001 is wrong' });
  log.error({}, new Error('refused: sk-te"acher-0001'));
  expect(JSON.stringify(lines)).not.toContain("acher-0001");
  expect(lines[0]).toMatchObject({ detail: "the key [redacted] is wrong" });
});

test("what serac foresaw is told by its code, what it did not by its stack", () => {
  const { log, lines } = opened();
  log.error({ task: "a" }, new SeracError("cloud_throttled", "DynamoDB slows us down."));
  log.error({ task: "b" }, new TypeError("undefined is no function", { cause: new Error("deeper") }));
  expect(lines[0]).toMatchObject({ level: 40, task: "a", code: "cloud_throttled", message: "DynamoDB slows us down." });
  expect(lines[0]).not.toHaveProperty("err");
  expect(lines[1]).toMatchObject({ level: 50, task: "b", err: { type: "TypeError", message: "undefined is no function" } });
  expect(JSON.stringify(lines[1])).toContain("deeper");
});
