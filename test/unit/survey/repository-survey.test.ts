import { describe, expect, it } from "vitest";
import { InputError } from "../../../core/errors/index.ts";
import { streamSurvey, surveyRepository, type SurveyRules } from "../../../core/survey/index.ts";
import { memorySource } from "./memory-source.ts";

const RULES: SurveyRules = {
  skipTests: true,
  skipVendored: true,
  skipGenerated: true,
  maxFileMb: 2,
  languages: [],
  include: [],
  exclude: [],
};
const PY = "def f():\n    pass\n";

async function survey(
  files: Parameters<typeof memorySource>[0],
  rules: Partial<SurveyRules> = {},
): Promise<{ ids: string[]; skipped: string[]; files: number }> {
  const { functions, summary } = await surveyRepository(memorySource(files), { ...RULES, ...rules });
  return {
    ids: functions.map(({ id }) => id),
    skipped: summary.skipped.map(({ path, reason }) => `${path}: ${reason}`),
    files: summary.files,
  };
}

describe("surveyRepository", () => {
  it("lists functions with all that a sample needs to know", async () => {
    const { functions, summary } = await surveyRepository(memorySource({ "a/b.py": "class A:\n  def f(self):\n    return 1\n" }), RULES);
    expect(functions).toEqual([{ id: "a/b.py::A.f", path: "a/b.py", name: "A.f", language: "python", startLine: 2, endLine: 3, lines: 2 }]);
    expect(summary).toEqual({ functions: 1, files: 1, skipped: [] });
  });

  it("skips by rule and says so, in the order of the paths", async () => {
    const found = await survey({
      "README.md": "# x",
      "bin.py": "x = 1\0",
      "big.py": { size: 3 * 1024 * 1024 },
      "broken.py": { read: () => Promise.reject(new Error("EIO")) },
      "gen.py": `# @generated\n${PY}`,
      "kept.py": PY,
      "link.py": { kind: "symlink" },
      "locked.py": { kind: "unreadable" },
      module: { kind: "submodule" },
      "test/a.py": PY,
      "vendor/a.py": PY,
    });
    expect(found).toEqual({
      ids: ["kept.py::f"],
      files: 1,
      skipped: [
        "big.py: too large",
        "bin.py: binary",
        "broken.py: unreadable",
        "gen.py: generated",
        "link.py: symlink",
        "locked.py: unreadable",
        "module: submodule",
        "test/a.py: test",
        "vendor/a.py: vendored",
      ],
    });
  });

  it("switches every rule off", async () => {
    const files = {
      "gen.py": `# @generated\n${PY}`,
      "test/a.py": PY,
      "vendor/a.py": PY,
      "big.py": `${PY}#${"x".repeat(3 * 1024 * 1024)}\n`,
    };
    const found = await survey(files, { skipTests: false, skipVendored: false, skipGenerated: false, maxFileMb: 10 });
    expect(found.ids).toEqual(["big.py::f", "gen.py::f", "test/a.py::f", "vendor/a.py::f"]);
    expect(found.skipped).toEqual([]);
  });

  it("takes only what is included and not excluded", async () => {
    const found = await survey(
      { "a.py": PY, "src/b.py": PY, "src/old/c.py": PY, "notes.txt": "x" },
      { include: ["src"], exclude: ["src/old"] },
    );
    expect(found.ids).toEqual(["src/b.py::f"]);
    expect(found.skipped).toEqual(["a.py: not included", "src/old/c.py: excluded"]);
  });

  it("takes only the languages asked for, a C++ header among them", async () => {
    const files = {
      "a.py": PY,
      "b.h": "class A { int f() { return 1; } };\n",
      "c.h": "int g(void) { return 1; }\n",
      "d.go": "package a\nfunc D() {}\n",
    };
    expect((await survey(files, { languages: ["cpp", "go"] })).ids).toEqual(["b.h::A.f", "d.go::D"]);
  });

  it("names a language that it does not know and those that it does", async () => {
    // @ts-expect-error -- what an untyped caller may pass
    const failed = survey({}, { languages: ["cobol"] });
    await expect(failed).rejects.toThrow(InputError);
    await expect(failed).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("cobol"),
      hint: expect.stringContaining("python"),
    });
  });

  it("reads scripts by their first line", async () => {
    const script = { executable: true, read: async () => Buffer.from(`#!/usr/bin/env python3\n${PY}`) };
    const shell = { executable: true, read: async () => Buffer.from("#!/bin/sh\nf() { :; }\n") };
    expect(await survey({ "bin/tool": script, "bin/other": shell })).toEqual({ ids: ["bin/tool::f"], files: 1, skipped: [] });
  });

  it("reads CRLF, a byte order mark, latin-1 and odd paths", async () => {
    const latin1 = Buffer.concat([Buffer.from("def na"), Buffer.from([0xef]), Buffer.from("ve():\n    pass\n")]);
    const files = {
      "crlf.py": "def f():\r\n    pass\r\n\r\ndef g():\r\n    pass\r\n",
      "bom.py": `\uFEFF${PY}`,
      "latin1.py": latin1,
      "mit Leerzeichen/größe::x.py": PY,
      "empty.py": "",
    };
    const { functions, summary } = await surveyRepository(memorySource(files), RULES);
    expect(functions.map(({ id, startLine, endLine }) => [id, startLine, endLine])).toEqual([
      ["bom.py::f", 1, 2],
      ["crlf.py::f", 1, 2],
      ["crlf.py::g", 4, 5],
      ["latin1.py::naïve", 1, 2],
      ["mit Leerzeichen/größe::x.py::f", 1, 2],
    ]);
    expect(summary.files).toBe(5);
  });

  it("reads a file of 100,000 lines and one of a single long line", async () => {
    const long = "def f():\n    pass\n\n\n".repeat(25_000);
    const minified = "function f(a){return a&&a.b?[a,{c:a}]:null}".repeat(5000);
    const found = await survey({ "long.py": long, "min.js": minified });
    expect(found.ids).toHaveLength(30_000);
    expect(new Set(found.ids).size).toBe(30_000);
    expect(found.ids.at(24_999)).toBe("long.py::f#25000");
  });

  it("depends on nothing but the repository", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [
        `d${n % 7}/m${n}.py`,
        `def f${n}(): pass\nclass A:\n    def f(self): pass\n    def f(self): pass\n`,
      ]),
    );
    expect(await survey(files)).toEqual(await survey(Object.fromEntries(Object.entries(files).toReversed())));
  });
});

describe("streamSurvey", () => {
  it("tells of each finding as it goes, and stops when it is told to", async () => {
    const stop = new AbortController();
    const heard: string[] = [];
    const stream = streamSurvey(memorySource({ "a.py": PY, "b.py": PY, "c.py": PY, "test/x.py": PY }), RULES, {
      signal: stop.signal,
      onFunction: ({ id }) => void heard.push(id),
    });
    expect(await stream.next()).toMatchObject({ done: false, value: { id: "a.py::f" } });
    stop.abort(new Error("enough"));
    await expect(stream.next()).rejects.toThrow("enough");
    expect(heard).toEqual(["a.py::f"]);
  });

  it("reads no further than its consumer goes", async () => {
    let reads = 0;
    const file = { read: async () => ((reads += 1), Buffer.from(PY)) };
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`m${n}.py`, file]));
    for await (const _ of streamSurvey(memorySource(files), RULES)) break;
    expect(reads).toBeLessThan(5);
  });
});
