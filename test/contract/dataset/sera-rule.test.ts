import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { scorePatches } from "../../../core/svg/recall/index.ts";
import { seraChanges } from "../../../core/svg/recall/sera-rule.ts";
import { scoreChanges } from "../../../core/svg/recall/score.ts";
import { anyPatch, renderPatch } from "../../unit/svg/patch/random-patch.ts";
import { runPython, venvPython } from "./python.ts";

let python: string;

beforeAll(() => {
  python = venvPython();
}, 600_000);

function pythonScores(pairs: readonly (readonly [string, string])[]): readonly (readonly number[])[] {
  const input = pairs.map((pair) => `${JSON.stringify(pair)}\n`).join("");
  return runPython(python, "sera_recall.py", [], input)
    .trimEnd()
    .split("\n")
    .map((line): readonly number[] => JSON.parse(line));
}

test("SERA's rule agrees with Python's own splitlines and strip on random patches", () => {
  const patch = anyPatch.map((files) => renderPatch(files).toWellFormed());
  const pairs = fc.sample(fc.tuple(patch, patch), { numRuns: 2000, seed: 11 });
  const related = pairs.map(([target, candidate]) => [target, target + candidate] as const);
  const all = [...pairs, ...related];
  const ours = all.map(([target, candidate]) => {
    const score = scorePatches(target, candidate, "sera");
    return [score.matched, score.target, score.candidate];
  });
  expect(ours).toEqual(pythonScores(all));
  expect(ours.filter(([matched]) => matched! > 0).length).toBeGreaterThan(1000);
});

test("… and on every character of the basic plane, as a separator and as white space", () => {
  const codes = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) => code < 0xd800 || code > 0xdfff);
  const texts = codes.map((code) => String.fromCharCode(code)).map((char) => [`+${char}\n+a${char}+b${char}-c`, "+b\n-c"] as const);
  const ours = texts.map(([target, candidate]) => {
    const score = scoreChanges(seraChanges(target), seraChanges(candidate));
    return [score.matched, score.target, score.candidate];
  });
  expect(ours).toEqual(pythonScores(texts));
});
