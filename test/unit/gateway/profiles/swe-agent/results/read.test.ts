import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readReadResult } from "../../../../../../core/gateway/profiles/swe-agent/results/index.ts";
import { failure, READ_REMINDER, REMINDER, success, toolError } from "./result.ts";

/** How each generation numbers the lines of a file. */
const LISTINGS: Readonly<Record<string, (lines: readonly string[], first: number) => string>> = {
  "2.1.329": (lines, first) => lines.map((line, index) => `${first + index}\t${line}`).join("\n"),
  "2.1.329 with a colon": (lines, first) => lines.map((line, index) => `${first + index}:${line}`).join("\n"),
  "2.0.77": (lines, first) => lines.map((line, index) => `${String(first + index).padStart(6)}→${line}`).join("\n") + READ_REMINDER,
  "1.0.128": (lines, first) =>
    (lines.map((line, index) => `${String(first + index).padStart(6)}→${line}`).join("\n") + READ_REMINDER).trim() + REMINDER,
};

const anyLine = fc.oneof(
  fc.string().map((text) => text.replace(/[\n\0]/g, "")),
  fc.constantFrom(
    "",
    " ",
    "1\ttext",
    "     1→text",
    "2:x",
    "<system-reminder>",
    "</system-reminder>",
    "[Truncated]",
    "\r",
    "a\u2028b",
    "日本 😀",
  ),
);

describe.each(Object.entries(LISTINGS))("lines as %s shows them", (_, listed) => {
  it("come back as they stand in the file", () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 1_000_000 }), (lines, first) => {
        fc.pre(first !== 1 || !lines[0]!.startsWith("\ufeff"));
        expect(readReadResult(success(listed(lines, first)))).toEqual({ kind: "lines", first, lines });
      }),
      { numRuns: 500 },
    );
  });

  it("lose a byte order mark at the beginning of the file and nowhere else", () => {
    expect(readReadResult(success(listed(["\ufeffa", "\ufeffb"], 1)))).toEqual({ kind: "lines", first: 1, lines: ["a", "\ufeffb"] });
    expect(readReadResult(success(listed(["\ufeffa"], 2)))).toEqual({ kind: "lines", first: 2, lines: ["\ufeffa"] });
  });

  it("are binary when there is a NUL near the beginning", () => {
    expect(readReadResult(success(listed(["a\0b", ""], 1)))).toEqual({ kind: "binary" });
    expect(readReadResult(success(listed(["a".repeat(8000), "\0"], 1))).kind).toBe("lines");
  });
});

describe("what a client says around lines", () => {
  it("is no line of the file", () => {
    const lines = ["a", ""];
    expect(readReadResult(success("1\ta\n2\t\n\n[This file is not valid UTF-8: it has 3 bytes.]"))).toEqual({
      kind: "lines",
      first: 1,
      lines,
    });
    expect(readReadResult(success("[Truncated: PARTIAL view — a.py: showing 2 of 9 lines.]\n1\ta\n2\t"))).toEqual({
      kind: "lines",
      first: 1,
      lines,
    });
  });
});

describe("a file without lines to show", () => {
  const beyond = (offset: number, count: number) =>
    `<system-reminder>Warning: the file exists but is shorter than the provided offset (${offset}). The file has ${count} lines.</system-reminder>`;

  it.each([
    ["2.1.329", "<system-reminder>Warning: the file exists but the contents are empty.</system-reminder>"],
    ["2.0.77", beyond(1, 1)],
    ["1.0.128", beyond(1, 1) + REMINDER],
  ])("is empty: %s", (_, text) => {
    expect(readReadResult(success(text))).toEqual({ kind: "empty" });
  });

  it("ends before the lines that were asked for", () => {
    expect(readReadResult(success(beyond(50, 4)))).toEqual({ kind: "beyond-end", lineCount: 4 });
    expect(readReadResult(success(beyond(50, 4) + REMINDER))).toEqual({ kind: "beyond-end", lineCount: 4 });
  });

  it("has one empty line there, of which older clients say that it is beyond the end", () => {
    expect(readReadResult(success(beyond(2, 4)))).toEqual({ kind: "lines", first: 2, lines: [""] });
    expect(readReadResult(success(beyond(1, 4)))).toEqual({ kind: "lines", first: 1, lines: [""] });
  });
});

describe("a Read that brought no text", () => {
  it.each([
    ["missing", toolError("File does not exist.")],
    ["missing", toolError("File does not exist. Did you mean a.py?")],
    ["missing", failure("File does not exist. Note: your current working directory is /srv.")],
    ["missing", failure(`<tool_use_error>File does not exist.</tool_use_error>${REMINDER}`)],
    ["folder", failure("EISDIR: illegal operation on a directory, read")],
    ["folder", failure("EISDIR: illegal operation on a directory, read '/srv/src'")],
    ["binary", toolError("This tool cannot read binary files. The file appears to be a binary .exe file.")],
    ["binary", failure("File has an image extension but its content is not a valid PNG/JPEG/GIF/WebP.")],
    ["binary", success("PDF file read: /srv/a.pdf (15 bytes)")],
    ["unchanged", success("File unchanged since last read. The content from the earlier one is still current.")],
    ["unchanged", success("Wasted call — file unchanged since your last Read. Look there.")],
    ["unchanged", success("<system-reminder>This file is already in your context</system-reminder>")],
  ])("says %s", (kind, result) => {
    expect(readReadResult(result)).toEqual({ kind });
  });

  it("shows an image or a document, which are no text", () => {
    const image = { type: "image" as const, mediaType: "image/png", base64: "aGk=", url: null };
    expect(readReadResult({ type: "tool_result", toolUseId: "1", isError: false, content: [image] })).toEqual({ kind: "binary" });
    const document = { type: "other" as const, name: "document", text: null };
    expect(readReadResult({ type: "tool_result", toolUseId: "1", isError: false, content: [document] })).toEqual({ kind: "binary" });
  });

  it.each([
    "File content (368.1KB) exceeds maximum allowed size (256KB). Use offset and limit.",
    "File content (31000 tokens) exceeds maximum allowed tokens (25000). Use offset and limit.",
  ])("was too large: %s", (text) => {
    expect(readReadResult(toolError(text))).toEqual({ kind: "too-large", text });
    expect(readReadResult(failure(text))).toEqual({ kind: "too-large", text });
  });

  it("was refused, in the client's words", () => {
    const text = "Claude requested permissions to read from /x/File does not exist., but you haven't granted it yet.";
    expect(readReadResult(failure(text))).toEqual({ kind: "refused", text });
    expect(readReadResult(success('<cell id="1">x</cell>'))).toEqual({ kind: "refused", text: '<cell id="1">x</cell>' });
  });

  it("is not taken for one when the file's own text says so", () => {
    for (const line of ["File does not exist.", "EISDIR: illegal operation", "File unchanged since last read.", "PDF file read: x"]) {
      expect(readReadResult(success(`1\t${line}`))).toEqual({ kind: "lines", first: 1, lines: [line] });
    }
  });
});
