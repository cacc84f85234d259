import { describe, expect, it } from "vitest";
import { readEditResult, readWriteResult, rejectionText } from "../../../../../../core/gateway/profiles/swe-agent/results/index.ts";
import { failure, REMINDER, success, toolError } from "./result.ts";

const NOT_READ = "File has not been read yet. Read it first before writing to it.";
const CHANGED = "File has been modified since read, either by the user or by a linter. Read it again before attempting to write it.";

describe("an Edit", () => {
  it.each([
    "The file /srv/a.py has been updated successfully. (file state is current in your context — no need to Read it back)",
    "The file /srv/a.py has been updated. All occurrences were successfully replaced.",
    "The file /srv/a.py has been updated. Here's the result of running `cat -n` on a snippet of the edited file:\n     1→File has not been read yet.",
  ])("was made: %s", (text) => {
    expect(readEditResult(success(text))).toEqual({ kind: "edited" });
    expect(readEditResult(success(text + REMINDER))).toEqual({ kind: "edited" });
  });

  it.each([NOT_READ, CHANGED, "You were given only the start of this file, and more."])("wants the file read first: %s", (text) => {
    expect(readEditResult(toolError(text))).toEqual({ kind: "stale", text });
    expect(readEditResult(failure(`<tool_use_error>${text}</tool_use_error>${REMINDER}`))).toEqual({ kind: "stale", text });
  });

  it("wants it read again where the client found out late", () => {
    const text = "File has been unexpectedly modified. Read it again before attempting to write it.";
    expect(readEditResult(failure(text))).toEqual({ kind: "stale", text });
  });

  it("found no file", () => {
    const text = "File does not exist. Note: your current working directory is /srv.";
    expect(readEditResult(toolError(text))).toEqual({ kind: "missing", text });
  });

  it.each([
    "String to replace not found in file.\nString: File has not been read yet.",
    "Found 2 matches of the string to replace, but replace_all is false.\nString: one\n",
    "No changes to make: old_string and new_string are exactly the same.",
    "Cannot create new file - file already exists.",
    "Claude requested permissions to write to /srv/File does not exist., but you haven't granted it yet.",
  ])("was refused: %s", (text) => {
    expect(readEditResult(toolError(text))).toEqual({ kind: "refused", text });
  });
});

describe("a Write", () => {
  it("made a file, or wrote over one", () => {
    expect(readWriteResult(success("File created successfully at: /srv/a.py")).kind).toBe("created");
    expect(readWriteResult(success(`File created successfully at: /srv/a.py (no need to Read it back)${REMINDER}`)).kind).toBe("created");
    expect(readWriteResult(success("The file /srv/a.py has been updated successfully.")).kind).toBe("overwritten");
    const snippet = "The file /srv/a.py has been updated. Here's the result:\n     1→File created successfully at: x";
    expect(readWriteResult(success(snippet)).kind).toBe("overwritten");
  });

  it("was refused, and why", () => {
    expect(readWriteResult(toolError(NOT_READ))).toEqual({ kind: "stale", text: NOT_READ });
    expect(readWriteResult(toolError(CHANGED))).toEqual({ kind: "stale", text: CHANGED });
    const folder = "/srv/src is a directory, not a file. To create a file inside it, include the file name.";
    expect(readWriteResult(toolError(folder))).toEqual({ kind: "folder", text: folder });
    const disabled = "Error: No such tool available: Write";
    expect(readWriteResult(toolError(disabled))).toEqual({ kind: "refused", text: disabled });
  });
});

describe("a rejection", () => {
  it.each([
    "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said:\nUse tabs.",
    "The user doesn't want to take this action right now. STOP what you are doing.",
    "[Request interrupted by user for tool use]",
    "[Tool call skipped: the turn paused before this call ran.]",
    "Permission for this tool use was denied. The tool use was rejected. The user said:\nNo.",
  ])("is what the client says: %s", (text) => {
    expect(rejectionText(failure(text))).toBe(text);
    expect(rejectionText(failure(text + REMINDER))).toBe(text);
    expect(rejectionText(success(text))).toBeNull();
    expect(rejectionText(failure(`Exit code 1\n${text}`))).toBeNull();
  });

  it("is not what a rule of the person's settings forbids", () => {
    expect(rejectionText(failure("Permission to use Bash with command rm x has been denied."))).toBeNull();
    expect(rejectionText(toolError(NOT_READ))).toBeNull();
  });
});
