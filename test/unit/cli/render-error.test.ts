import { expect, test } from "vitest";
import { exitCodeOf } from "../../../cli/exit-code.ts";
import { renderError } from "../../../cli/render-error.ts";
import { ConflictError, InputError, PausedError, SandboxError, SeracError } from "../../../core/errors/index.ts";

const plain = { debug: false };

test("an error says what, what to do, and its code", () => {
  const error = new InputError("config_invalid", "serac.yaml:3:5: plan.sampels is no known key", { hint: "Did you mean plan.samples?" });
  expect(renderError(error, plain)).toBe(
    "error: serac.yaml:3:5: plan.sampels is no known key [config_invalid]\nhint: Did you mean plan.samples?\n",
  );
});

test("a pause is no error", () => {
  expect(renderError(new PausedError("budget_exhausted", "The budget is used up."), plain)).toMatch(/^paused: The budget/);
});

test("causes and stacks are for --debug", () => {
  const cause = new Error("socket closed");
  const error = new SeracError("teacher_connection", "The teacher went away.", { cause });
  expect(renderError(error, plain)).not.toContain("socket closed");
  const shown = renderError(error, { debug: true });
  expect(shown).toContain("caused by:\nError: socket closed");
  expect(shown).toContain("render-error.test.ts");
});

test("a chain of causes that bites its tail ends", () => {
  const error = new Error("round");
  error.cause = error;
  expect(renderError(error, { debug: true }).match(/caused by:/g)?.length).toBeLessThan(10);
});

test("an unknown error is called a mistake of serac, a full disk is not", () => {
  expect(renderError(new TypeError("x is not a function"), plain)).toContain("mistake in serac");
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write", path: "/home/x" });
  expect(renderError(full, plain)).toContain("The disk is full.");
  expect(renderError("just a text", plain)).toBe(
    "error: just a text [internal]\nhint: This is a mistake in serac. The same command with --debug shows where.\n",
  );
});

test("what a repository is called cannot steer the terminal", () => {
  const text = renderError(new InputError("repository_missing", "There is nothing at \u001B[2J\u0007x."), plain);
  expect(text).toContain("\\x1b[2J\\x07x");
});

test("exit codes", () => {
  expect(exitCodeOf(new InputError("usage", ""))).toBe(2);
  expect(exitCodeOf(new PausedError("interrupted", ""))).toBe(3);
  for (const error of [new SandboxError("sandbox_failed", ""), new ConflictError("fenced", ""), new Error(""), null])
    expect(exitCodeOf(error)).toBe(1);
});
