import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { observation } from "../../../../../../core/agent/observation.ts";
import { bashObservation, readBashResult } from "../../../../../../core/gateway/profiles/swe-agent/results/index.ts";
import type { ToolResultBlock } from "../../../../../../core/gateway/client/request.ts";
import { failure, REMINDER, success, toolError } from "./result.ts";

const LIMIT_MS = 300_000;
const shown = (result: ToolResultBlock, limitMs = LIMIT_MS) =>
  bashObservation(result, limitMs, (text) => text.replaceAll("/srv", "/testbed"));
const STOPPED = "The command was stopped: it ran longer than the limit of 300 seconds. What it had printed until then is above.";

describe("what a command printed", () => {
  it.each([
    ["2.1.329", failure("Exit code 3\nout\nerr"), "out\nerr\n"],
    ["2.0.77", failure("Exit code 3\nerr\n\nout"), "err\n\nout\n"],
    ["1.0.128", failure("err\n\nout"), "err\n\nout\n"],
    ["1.0.128 with a reminder", failure(`err\n\nout${REMINDER}${REMINDER}`), "err\n\nout\n"],
    ["a success", success("out\nerr"), "out\nerr\n"],
  ])("is shown without its exit code: %s", (_, result, text) => {
    expect(shown(result)).toBe(`OBSERVATION:\n${text}`);
  });

  it.each([
    ["2.1.329", success("(Bash completed with no output)")],
    ["2.1.329, failed", failure("Exit code 1")],
    ["2.0.77", success("")],
    ["1.0.128, failed", failure("Error")],
    ["1.0.128 with a reminder", success(REMINDER.trim())],
  ])("is said to be nothing as the harness says it: %s", (_, result) => {
    expect(shown(result)).toBe(observation(""));
  });

  it.each([
    "FAILED test_a.py::test_b - ValueError: Error",
    "errors.py: 3 problems",
    "Traceback (most recent call last):\n  File does not exist.",
    "Permission to use this has been denied to nobody",
    "The user doesn't want to proceed",
    "<error>x</error>",
    "Exit code 9",
    "(no output)",
  ])("is a result like any other when the command failed: %s", (text) => {
    expect(shown(failure(`Exit code 1\n${text}`))).toBe(`OBSERVATION:\n${text}\n`);
    expect(shown(success(text))).toBe(`OBSERVATION:\n${text}\n`);
  });

  it("may hold the client's tags", () => {
    expect(shown(failure("Exit code 1\n<tool_use_error>x</tool_use_error>"))).toBe("OBSERVATION:\n<tool_use_error>x</tool_use_error>\n");
    for (const text of [
      "<system-reminder>x</system-reminder>",
      "a\n<system-reminder>\nx\n</system-reminder>",
      "a\n\n<system-reminder>\nx\n</system-reminder>\nb",
      "</system-reminder>\n\n<system-reminder>",
    ]) {
      expect(shown(success(text))).toBe(`OBSERVATION:\n${text}\n`);
    }
  });

  it("has neither colours nor carriage returns, and the model's paths", () => {
    expect(shown(success("\u001b[31m/srv/a.py\u001b[0m\r\nok"))).toBe("OBSERVATION:\n/testbed/a.py\nok\n");
    expect(shown(success("/tmp\nShell cwd was reset to /srv"))).toBe("OBSERVATION:\n/tmp\nShell cwd was reset to /testbed\n");
  });

  it("is cut where the harness cuts", () => {
    const text = "x".repeat(150_000);
    expect(shown(success(text))).toBe(observation(`${text}\n`));
    expect(shown(success(text)).length).toBeLessThan(100_200);
  });

  it("is what the harness would have shown, whatever it is", () => {
    const printed = fc
      .array(fc.oneof(fc.string(), fc.constantFrom("Error", "Exit code 1", "\n", "[31m", "/x", " ")), { minLength: 1 })
      .map((parts) => parts.join(""))
      .filter((text) => /\S$/.test(text) && !/^\s*\n/.test(text) && !text.includes("\r") && !text.includes("\u001b"));
    fc.assert(
      fc.property(printed, fc.integer({ min: 1, max: 255 }), (text, code) => {
        expect(bashObservation(failure(`Exit code ${code}\n${text}`), LIMIT_MS, (same) => same)).toBe(observation(`${text}\n`));
      }),
    );
  });
});

describe("a command that did not end in its time", () => {
  it.each([
    ["2.1.329", failure("Exit code 143\nCommand timed out after 5m 0s\nstart"), "start\n"],
    ["1.0.128", failure("Command timed out after 5m 0s err\n\nstart"), "err\n\nstart\n"],
    ["1.0.128, silent", failure("Command timed out after 5m 0s"), ""],
  ])("is told of as the harness tells: %s", (_, result, printed) => {
    expect(shown(result)).toBe(`OBSERVATION:\n${printed}${STOPPED}`);
  });

  it("is known by the time that it was given", () => {
    expect(shown(failure("Exit code 143\nCommand timed out after 1s\nstart"), 1_500)).toContain("limit of 1.5 seconds");
    expect(shown(failure("Exit code 143\nCommand timed out after 1h 1m 1s\nx"), 3_661_000)).toContain("limit of 3661 seconds");
    expect(shown(failure("Exit code 1\nCommand timed out after 3s\nFAILED"))).toBe("OBSERVATION:\nCommand timed out after 3s\nFAILED\n");
    expect(shown(failure("Exit code 1\nCommand timed out after lunch"))).toBe("OBSERVATION:\nCommand timed out after lunch\n");
  });

  it.each([
    [
      "2.1.329",
      "start\nCommand did not complete within its 300s timeout and was moved to the background (ID: b1). Output is being written to: /tmp/b1.output. You will be notified when it completes. To check, use Read.",
      "start\nCommand did not complete within its 300s timeout and was moved to the background (ID: b1). Output is being written to: /tmp/b1.output.",
    ],
    [
      "2.0.77",
      `Command running in background with ID: b1. Output is being written to: /tmp/b1.output${REMINDER}`,
      "Command running in background with ID: b1. Output is being written to: /tmp/b1.output",
    ],
    ["1.0.128", "Command running in background with ID: b1", "Command running in background with ID: b1"],
  ])("or goes on in the background, and where: %s", (_, text, told) => {
    expect(shown(success(text))).toBe(`OBSERVATION:\n${told}`);
  });

  it("or was broken off", () => {
    expect(shown(success("start\n<error>Command was aborted before completion</error>"))).toBe(
      "OBSERVATION:\nstart\nCommand was aborted before completion.",
    );
    expect(shown(failure("Exit code 137\n<error>Command was aborted before completion</error>"))).toBe(
      "OBSERVATION:\nCommand was aborted before completion.",
    );
    expect(shown(failure("Exit code 137\n[Request interrupted by user for tool use]\nstart"))).toBe(
      "OBSERVATION:\nstart\n[Request interrupted by user for tool use]",
    );
    expect(shown(success("[Request interrupted by user]\nstart"))).toBe("OBSERVATION:\n[Request interrupted by user]\nstart\n");
  });
});

describe("an output that is too long for the client", () => {
  const saved = (preview: string) =>
    `<persisted-output>\nOutput too large (106.3KB). Full output saved to: /home/ann/results/b1.txt\n\nPreview (first 2KB):\n${preview}\n...\n</persisted-output>`;
  const NOTE = "The output is too long (106.3KB) and goes on in /home/ann/results/b1.txt. Look at that file with head, tail or grep.";

  it("is shown as far as it goes, with the file that holds it all", () => {
    expect(shown(success(saved("1\n2\n3")))).toBe(`OBSERVATION:\n1\n2\n3\n<response clipped>\n${NOTE}`);
    expect(shown(success(`${saved("1")}\nShell cwd was reset to /srv`))).toContain("Shell cwd was reset to /testbed\n<response clipped>");
  });

  it("keeps what older clients say in its midst or at its end", () => {
    expect(shown(success("1\n2\n\n... [13779 lines truncated] ..."))).toBe("OBSERVATION:\n1\n2\n\n... [13779 lines truncated] ...\n");
  });
});

describe("a command that was not run", () => {
  it.each([
    failure("Permission to use Bash with command rm -f a\nb has been denied."),
    failure("Permission to use Bash has been denied because nobody can be asked."),
    failure("This command requires approval"),
    failure("rm in '/srv/a' needs approval. The path is inside the working directories."),
    failure("Claude requested permissions to use Bash, but you haven't granted it yet."),
    failure("PreToolUse:Bash hook error: [check.sh]: not today\n"),
    failure("Bash operation blocked by hook:\n- [check.sh]: not today\n"),
    failure("The user doesn't want to proceed with this tool use."),
    toolError("InputValidationError: Bash failed due to the following issue:\nThe required parameter `command` is missing"),
  ])("says why", (result) => {
    const read = readBashResult(result);
    expect(read.kind).toBe("refused");
    expect(shown(result)).toBe(observation(read.text.replaceAll("/srv", "/testbed")));
    expect(shown(result)).not.toContain("tool_use_error");
  });

  it("is told from one that failed with the same words", () => {
    expect(readBashResult(failure("Exit code 1\nThis command requires approval"))).toEqual({
      kind: "output",
      text: "This command requires approval",
      exitCode: 1,
      ending: null,
    });
  });
});
