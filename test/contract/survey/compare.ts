import { expect } from "vitest";
import type { SourceFunction } from "../../../core/survey/function.ts";
import { surveyRepository, type SurveyRules } from "../../../core/survey/index.ts";
import { folderSource } from "../../unit/survey/folder-source.ts";
import type { FileFunctions, ListedFunction } from "./oracles/listing.ts";

const EVERYTHING = { skipTests: false, skipVendored: false, skipGenerated: false, maxFileMb: 50, include: [], exclude: [] };

/**
 * Holds the survey of a folder, with every skip rule off, against what the languages' own parser lists: the same functions at the
 * same lines under the same names in every file that this parser accepts, none missing and none extra.
 * Returns how many functions were compared.
 */
export async function expectSameFunctions(
  root: string,
  languages: SurveyRules["languages"],
  listing: readonly FileFunctions[],
): Promise<number> {
  const { functions } = await surveyRepository(folderSource(root), { ...EVERYTHING, languages: [...languages] });
  const surveyed = Map.groupBy(functions, ({ path }) => path);
  let compared = 0;
  for (const file of listing) {
    if (file.functions === undefined) continue;
    const ours = (surveyed.get(file.path) ?? []).map(fromSurvey).toSorted(byPlace);
    const theirs = file.functions.toSorted(byPlace);
    expect(ours.map(shown), file.path).toEqual(
      theirs.map((listed, at) => shown([fullName(listed[0], ours[at]?.[0]), listed[1], listed[2]])),
    );
    compared += theirs.length;
  }
  expect(new Set(functions.map(({ id }) => id)).size, "ids are unique").toBe(functions.length);
  return compared;
}

function fromSurvey({ name, startLine, endLine }: SourceFunction): ListedFunction {
  return [name, startLine, endLine];
}

function byPlace(a: ListedFunction, b: ListedFunction): number {
  return a[1] - b[1] || b[2] - a[2] || (lastPart(a[0]) < lastPart(b[0]) ? -1 : 1);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function shown([name, startLine, endLine]: ListedFunction): string {
  return `${startLine}-${endLine} ${name}`;
}

/** A parser that lists `inner`, or `Outer.inner`, agrees with our `Outer.middle.inner`. */
function fullName(theirs: string, ours: string | undefined): string {
  if (ours === undefined || lastPart(ours) !== lastPart(theirs)) return theirs;
  const rest = theirs.split(".");
  for (const part of ours.split(".")) if (part === rest[0]) rest.shift();
  return rest.length === 0 ? ours : theirs;
}
