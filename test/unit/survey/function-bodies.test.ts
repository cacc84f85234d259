import { describe, expect, it } from "vitest";
import { functionBodies } from "../../../core/survey/index.ts";

describe("functionBodies", () => {
  it("gives Python's indented lines", async () => {
    const text = "def f(a,\n      b):\n    x = 1\n    return x\n\ndef one(): return 1\n\nclass A:\n    def g(self):\n        pass\n";
    expect(await functionBodies("a.py", text)).toEqual([
      { startLine: 3, endLine: 4 },
      { startLine: 10, endLine: 10 },
    ]);
  });

  it.each([
    ["a.ts", "function f() {\n  a();\n  b();\n}\nconst g = () => {\n  c();\n};\nfunction one() { return 1; }\n"],
    ["a.go", "func f() {\n  a()\n  b()\n}\nfunc g() {\n  c()\n}\nfunc one() { return }\n"],
    ["a.rs", "fn f() {\n  a();\n  b();\n}\nfn g() {\n  c();\n}\nfn one() { }\n"],
    ["a.c", "int f(void) {\n  a();\n  b();\n}\nint g(void) {\n  c();\n}\nint one(void) { return 1; }\n"],
    ["a.kt", "fun f() {\n  a()\n  b()\n}\nfun g() {\n  c()\n}\nfun one() = 1\n"],
    ["a.php", "<?php function f() {\n  a();\n  b();\n}\nfunction g() {\n  c();\n}\nfunction one() { return 1; }\n"],
  ])("gives the lines between the braces of %s", async (path, text) => {
    expect(await functionBodies(path, text)).toEqual([
      { startLine: 2, endLine: 3 },
      { startLine: 6, endLine: 6 },
    ]);
  });

  it("gives Ruby's lines before end", async () => {
    expect(await functionBodies("a.rb", "def f(a)\n  x\n  y\nend\ndef g; end\n")).toEqual([{ startLine: 2, endLine: 3 }]);
  });

  it("gives an opening brace of its own line to the head", async () => {
    expect(await functionBodies("a.cs", "class A\n{\n  int F()\n  {\n    return 1;\n  }\n}\n")).toEqual([{ startLine: 5, endLine: 5 }]);
  });

  it("gives null for other files, and none for a text without functions", async () => {
    expect(await functionBodies("a.md", "# x")).toBeNull();
    expect(await functionBodies("Makefile", "all:\n")).toBeNull();
    expect(await functionBodies("a.py", "x = 1\n")).toEqual([]);
  });

  it("reads a script by its first line", async () => {
    expect(await functionBodies("bin/tool", "#!/usr/bin/env python3\ndef f():\n    pass\n")).toEqual([{ startLine: 3, endLine: 3 }]);
  });
});
