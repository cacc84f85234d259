import { afterAll, expect, it } from "vitest";
import { LANGUAGES } from "../../../../core/survey/index.ts";
import { hand } from "../support/hand.ts";
import { workbench } from "../support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());

const BODY = 12;
const block = (statement: (n: number) => string) => Array.from({ length: BODY }, (_, n) => `        ${statement(n)}`).join("\n");
const assign = block((n) => `x = x + ${n};`);

/** One function a language, its head on a line of its own, named by number. */
const SOURCES: Readonly<Record<string, { readonly file: string; readonly prelude?: string; readonly one: (n: number) => string }>> = {
  python: { file: "a.py", one: (n) => `def head_${n}(x):\n${block((k) => `x = x + ${k}`)}\n` },
  javascript: { file: "a.js", one: (n) => `function head_${n}(x) {\n${assign}\n}\n` },
  typescript: { file: "a.ts", one: (n) => `export function head_${n}(x: number): void {\n${assign}\n}\n` },
  tsx: { file: "a.tsx", one: (n) => `export function head_${n}(x: number) {\n${assign}\n    return <b>{x}</b>;\n}\n` },
  go: { file: "a.go", prelude: "package a\n", one: (n) => `func head_${n}(x int) {\n${block((k) => `x = x + ${k}`)}\n}\n` },
  java: { file: "A.java", one: (n) => `class A${n} {\n    void head_${n}(int x) {\n${assign}\n    }\n}\n` },
  rust: { file: "a.rs", one: (n) => `fn head_${n}(mut x: i32) {\n${assign}\n}\n` },
  c: { file: "a.c", one: (n) => `void head_${n}(int x) {\n${assign}\n}\n` },
  cpp: { file: "a.cpp", one: (n) => `void head_${n}(int x) {\n${assign}\n}\n` },
  csharp: { file: "A.cs", one: (n) => `class A${n} {\n    void head_${n}(int x) {\n${assign}\n    }\n}\n` },
  ruby: { file: "a.rb", one: (n) => `def head_${n}(x)\n${block((k) => `x = x + ${k}`)}\nend\n` },
  php: { file: "a.php", prelude: "<?php\n", one: (n) => `function head_${n}($x) {\n${block((k) => `$x = $x + ${k};`)}\n}\n` },
  kotlin: { file: "a.kt", one: (n) => `fun head_${n}(y: Int) {\n        var x = y\n${block((k) => `x = x + ${k}`)}\n}\n` },
};

it("is tried in every surveyed language", () => {
  expect(Object.keys(SOURCES).toSorted()).toEqual(LANGUAGES.map((language) => language.name).toSorted());
});

it.each(Object.entries(SOURCES))("a long file of %s is shown as a map of heads", async (_, { file, prelude, one }) => {
  const count = 70;
  const text = (prelude ?? "") + Array.from({ length: count }, (__, n) => one(n)).join("\n");
  expect(text.length).toBeGreaterThan(16_000);
  const agent = hand(await bench.open({ [file]: text }));
  const map = await agent.view(`/testbed/${file}`);
  const lines = text.split("\n");
  const shown = [...map.matchAll(/^ *(\d+)\t(.*)$/gm)].map((match) => ({ number: Number(match[1]), text: match[2]! }));
  expect(shown.filter((line) => line.text.includes("head_"))).toHaveLength(count);
  const elided = shown.filter((line) => line.text.startsWith("... eliding lines "));
  expect(elided).toHaveLength(count);
  for (const line of elided) expect(line.text).toMatch(new RegExp(`^\\.\\.\\. eliding lines ${line.number}-\\d+ \\.\\.\\.$`));
  for (const line of shown.filter((each) => !elided.includes(each))) expect(line.text).toBe(lines[line.number - 1]);
  // With a range the text itself is shown.
  expect(await agent.view(`/testbed/${file}`, [1, 9])).not.toContain("eliding");
});

it("a long file of no surveyed language is cut", async () => {
  const agent = hand(await bench.open({ "a.txt": "word\n".repeat(5000) }));
  expect(await agent.view("/testbed/a.txt")).toContain("<response clipped>");
});
