import { describe, expect, it } from "vitest";
import { fileMap } from "../../../../core/agent/toolsets/swe-agent/editor/file-map.ts";

const TEXT = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n");

describe("a file map", () => {
  it("leaves out bodies of six lines and more, keeps the numbers, and names the range", () => {
    const map = fileMap(TEXT, [
      { startLine: 3, endLine: 8 },
      { startLine: 12, endLine: 16 },
    ])!;
    expect(map).toContain("     2\tline 2\n     3\t... eliding lines 3-8 ...\n     9\tline 9\n");
    expect(map).toContain("    12\tline 12\n");
    expect(map.trimEnd().endsWith("    20\tline 20")).toBe(true);
    expect(map).toMatch(/view_range/);
  });

  it("names the outermost of nested bodies, and is nothing where no body is long", () => {
    const map = fileMap(TEXT, [
      { startLine: 5, endLine: 10 },
      { startLine: 2, endLine: 15 },
    ])!;
    expect(map.match(/eliding/g)).toHaveLength(1);
    expect(map).toContain("     1\tline 1\n     2\t... eliding lines 2-15 ...\n    16\tline 16\n");
    expect(fileMap(TEXT, [{ startLine: 2, endLine: 6 }])).toBeNull();
  });
});
