import { describe, expect, it } from "vitest";
import { SURVEYED_LANGUAGES } from "../../../core/config/schema.ts";
import { languageOfPath, languageOfText, mayBeScript } from "../../../core/survey/detect.ts";
import { LANGUAGES } from "../../../core/survey/index.ts";

it("surveys the languages that the configuration can name, and no other", () => {
  expect(LANGUAGES.map(({ name }) => name)).toEqual([...SURVEYED_LANGUAGES]);
});

describe("languageOfPath", () => {
  it.each([
    ["a.py", "python"],
    ["A.PY", "python"],
    ["a.d.ts", "typescript"],
    ["x/a.tsx", "tsx"],
    ["a.mjs", "javascript"],
    ["a.h", "c"],
    ["a.hpp", "cpp"],
    ["a.kts", "kotlin"],
  ])("%s is %s", (path, name) => {
    expect(languageOfPath(path)?.name).toBe(name);
  });

  it.each(["README.md", "py", ".py", "a.pyc", "dir.py/readme", "constructor", "a.__proto__"])("%s is no source file of ours", (path) => {
    expect(languageOfPath(path)).toBeNull();
  });
});

describe("languageOfText", () => {
  it.each([
    ["#!/usr/bin/python3\n", "python"],
    ["#!/usr/bin/env python3.12\nx", "python"],
    ["#!/usr/bin/env -S node --no-warnings\n", "javascript"],
    ["#! /usr/bin/env A=1 ruby\n", "ruby"],
    ["#!/usr/bin/php\n", "php"],
  ])("reads the script line %j", (text, name) => {
    expect(languageOfText("bin/tool", text)?.name).toBe(name);
  });

  it.each(["#!/bin/sh\n", "python\n", "", "#!\n", "#!/usr/bin/env\n"])("finds none in %j", (text) => {
    expect(languageOfText("bin/tool", text)).toBeNull();
  });

  it("asks only executable files without an extension", () => {
    expect(mayBeScript("bin/tool", true)).toBe(true);
    expect(mayBeScript("bin/tool", false)).toBe(false);
    expect(mayBeScript("bin/tool.sh", true)).toBe(false);
  });
});
