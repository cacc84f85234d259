import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planInsert } from "../../../../core/agent/toolsets/swe-agent/editor/insert.ts";
import { planReplace, type Planned } from "../../../../core/agent/toolsets/swe-agent/editor/str-replace.ts";
import { expandTabs, readText, shownText } from "../../../../core/agent/toolsets/swe-agent/editor/text-file.ts";
import type { LoadedFile } from "../../../../core/agent/toolsets/swe-agent/editor/load.ts";

const line = fc.string({ unit: fc.constantFrom("a", "b", " ", "  ", "\t", "é", "\u{1f600}", "(", "$&") });
const lines = fc.array(line, { minLength: 1, maxLength: 8 });
const end = fc.constantFrom("\n", "\r\n");

function fileOf(text: string): LoadedFile {
  const bytes = Buffer.from(text);
  return { ...readText(bytes)!, bytes };
}

function apply(text: string, planned: Planned): string {
  if (!planned.ok) throw new Error(planned.problem);
  const { start, end: stop, replacement } = planned.splice;
  return text.slice(0, start) + replacement + text.slice(stop);
}

const occurrences = (text: string, part: string) => {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count++;
  return count;
};

interface Edit {
  readonly content: readonly string[];
  readonly lineEnd: string;
  readonly from: number;
  readonly length: number;
  readonly added: readonly string[];
}
const edit: fc.Arbitrary<Edit> = fc.record({
  content: lines,
  lineEnd: end,
  from: fc.nat(),
  length: fc.nat(12),
  added: fc.array(line, { maxLength: 3 }),
});

function planOf({ content, lineEnd, from, length, added }: Edit) {
  const shown = content.join("\n");
  const text = content.join(lineEnd);
  const start = from % (shown.length + 1);
  const old = shown.slice(start, start + length).toWellFormed();
  const given = `\t${added.join("\n")}`;
  return { shown, text, old, given, planned: planReplace(fileOf(text), "/testbed/a", old, given) };
}

describe("str_replace on random texts", () => {
  it("changes the one verbatim place and nothing else", () => {
    fc.assert(
      fc.property(edit, (each) => {
        const { shown, text, old, given, planned } = planOf(each);
        fc.pre(old !== "" && old !== given && occurrences(shown, old) === 1);
        const after = apply(text, planned);
        expect(shownText(after)).toBe(shown.replace(old, () => given));
        const isCrlf = each.lineEnd === "\r\n" && each.content.length > 1;
        expect(after).toBe(isCrlf ? shownText(after).replaceAll("\n", "\r\n") : after);
      }),
      { numRuns: 500 },
    );
  });

  it("refuses when there are several places", () => {
    fc.assert(
      fc.property(edit, (each) => {
        const { shown, old, planned } = planOf(each);
        fc.pre(old !== "" && occurrences(shown, old) > 1);
        expect(planned.ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("gives back every line that the model only copied from the view, tabs and line ends included", () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(end, { minLength: 9, maxLength: 9 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        (content, ends, from, count, changed) => {
          const marked = content.map((each, index) => `${each}#${index}`);
          const text = marked.map((each, index) => each + ends[index]!).join("");
          const first = from % marked.length;
          const region = marked.slice(first, first + 1 + (count % 4));
          const target = changed % region.length;
          const old = region.map((each) => expandTabs(each)).join("\n");
          const given = region.map((each, index) => (index === target ? `${expandTabs(each)} changed` : expandTabs(each))).join("\n");
          const planned = planReplace(fileOf(text), "/testbed/a", old, given);
          const after = apply(text, planned);
          const before = text.split("\n");
          const different = after.split("\n").filter((each, index) => each !== before[index]);
          expect(after.split("\n")).toHaveLength(before.length);
          expect(different).toHaveLength(1);
          expect(expandTabs(different[0]!.replace(/\r$/, ""))).toBe(`${expandTabs(region[target]!)} changed`);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("insert into random texts", () => {
  it("adds the lines and leaves every other line as it was", () => {
    fc.assert(
      fc.property(
        lines,
        fc.boolean(),
        fc.nat(),
        fc.array(fc.constantFrom("x", "\ty", ""), { minLength: 1, maxLength: 3 }),
        (content, isEnded, at, added) => {
          const text = content.join("\n") + (isEnded ? "\n" : "");
          const pieces = text.split("\n");
          const last = text.endsWith("\n") || text === "" ? pieces.splice(-1) : [];
          const position = at % (pieces.length + 1);
          const after = apply(text, planInsert(fileOf(text), position, `${added.join("\n")}\n`));
          expect(after.split("\n")).toEqual([...pieces.toSpliced(position, 0, ...added), ...last]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
