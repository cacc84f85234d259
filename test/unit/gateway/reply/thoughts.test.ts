import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText, RESERVED_WORDS, unescapeText } from "../../../../core/agent/reserved-literals.ts";
import type { ReplyPart } from "../../../../core/gateway/reply/part.ts";
import { createReplySplitter } from "../../../../core/gateway/reply/splitter.ts";
import { contents, cutText, joined, PLAIN, split, writtenBy } from "./parts.ts";

const thinking = (text: string): ReplyPart => ({ kind: "thinking", text });
const text = (shown: string): ReplyPart => ({ kind: "text", text: shown });
const thought = (open: string, close: string): ReplyPart => ({ kind: "thought", frame: { place: "content", open, close } });

const TEMPLATE = { ...PLAIN, thinking: "template-opened" } as const;
const NONE = { ...PLAIN, thinking: "none" } as const;
const ESCAPED = { ...PLAIN, escapesReserved: true } as const;

describe("thoughts in the content", () => {
  it.each([
    ["a thought and an answer", "<think>\nHm.\n</think>\n\nHi", [thinking("Hm."), thought("<think>\n", "\n</think>\n\n"), text("Hi")]],
    ["an empty thought", "<think>\n\n</think>\n\nHi", [thought("<think>\n\n", "</think>\n\n"), text("Hi")]],
    ["nothing behind it", "<think>a</think>", [thinking("a"), thought("<think>", "</think>")]],
    ["blanks in front", " \n<think>a</think> b", [thinking("a"), thought(" \n<think>", "</think>"), text(" b")]],
    ["no closing tag", "<think>\na\n", [thinking("a\n"), thought("<think>\n", "")]],
    ["half a closing tag", "<think>a</thi", [thinking("a</thi"), thought("<think>", "")]],
    ["tags in the answer", "<think>a</think>b<think>c</think>", [thinking("a"), thought("<think>", "</think>"), text("b<think>c</think>")]],
    ["a tag that is not first", "a <think>b</think>", [text("a <think>b</think>")]],
    ["no thought", "Hi", [text("Hi")]],
    ["half an opening tag", "<thin", [text("<thin")]],
    ["a tag in the thought", "<think>a<think>b</think>c", [thinking("a<think>b"), thought("<think>", "</think>"), text("c")]],
    ["only white space", " \n", [text(" \n")]],
    ["only the opening tag", "<think>", [thought("<think>", "")]],
  ])("%s", (_, content, parts) => {
    expect(joined(split(contents(content)))).toEqual(parts);
    expect(joined(split(contents(...Array.from(content))))).toEqual(parts);
  });

  it.each([
    ["begins inside", "Hm.\n</think>\n\nHi", [thinking("Hm."), thought("", "\n</think>\n\n"), text("Hi")]],
    ["takes a repeated tag", "<think>\nHm.</think>Hi", [thinking("Hm."), thought("<think>\n", "</think>"), text("Hi")]],
    ["is all thought without a closing tag", "Hm.", [thinking("Hm."), thought("", "")]],
    ["keeps leading breaks in the thought", "\n\nHm.</think>", [thinking("\n\nHm."), thought("", "</think>")]],
    ["may be empty", "</think>Hi", [thought("", "</think>"), text("Hi")]],
  ])("a thought that the template opened %s", (_, content, parts) => {
    expect(joined(split(contents(content), TEMPLATE))).toEqual(parts);
    expect(joined(split(contents(...Array.from(content)), TEMPLATE))).toEqual(parts);
  });

  it("says nothing of a thought where the reply says nothing", () => {
    expect(split([{ finish: { reason: "stop", stop: null } }], TEMPLATE)).toEqual([]);
  });

  it("leaves tags alone where the model has no thoughts", () => {
    expect(joined(split(contents("<think>a</think>"), NONE))).toEqual([text("<think>a</think>")]);
  });

  it("holds back nothing but what may be a tag", () => {
    const pieces = ["<think>ab", "c\n", "d", "</", "x", "</think>", "Hi", " <", "b"];
    const seen = pieces.map((_, index) => beforeEnd(pieces.slice(0, index + 1)));
    expect(seen.map((known) => writtenBy(known))).toEqual([
      "ab",
      "abc",
      "abc\nd",
      "abc\nd",
      "abc\nd</x",
      "abc\nd</x",
      "<think>abc\nd</x</think>Hi",
      "<think>abc\nd</x</think>Hi ",
      "<think>abc\nd</x</think>Hi <b",
    ]);
  });

  it("loses no byte, however the text is cut", () => {
    const piece = fc.constantFrom("<think>", "</think>", "\n", "\r\n", " ", "<", "</", "think>", "a", "é😀", "</thi", "<tool_call", "\\");
    const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const cut = texts.chain((whole) => fc.tuple(fc.constant(whole), cutText(whole)));
    fc.assert(
      fc.property(cut, fc.constantFrom("leading-tag" as const, "template-opened" as const, "none" as const), ([whole, cuts], place) => {
        const options = { ...PLAIN, thinking: place, readsCallsInText: false };
        const parts = split(contents(...cuts), options);
        expect(writtenBy(parts)).toBe(whole);
        expect(joined(parts)).toEqual(joined(split(contents(whole), options)));
      }),
    );
  });
});

function beforeEnd(texts: readonly string[]): readonly ReplyPart[] {
  const parts: ReplyPart[] = [];
  const splitter = createReplySplitter(PLAIN, (part) => parts.push(part));
  for (const content of texts) splitter.push({ content });
  return parts;
}

describe("thoughts in a field", () => {
  it.each(["reasoning", "reasoning_content"] as const)("are told from the text: %s", (place) => {
    const parts = split([{ reasoning: { place, text: "a" } }, { reasoning: { place, text: "b" } }, { content: "<think>c" }]);
    expect(joined(parts)).toEqual([thinking("ab"), { kind: "thought", frame: { place } }, text("<think>c")]);
  });

  it("end with the reply, and with a call", () => {
    const reasoning = { place: "reasoning", text: "a" } as const;
    expect(split([{ reasoning }], TEMPLATE)).toEqual([thinking("a"), { kind: "thought", frame: { place: "reasoning" } }]);
    expect(split([{ reasoning }, { calls: [{ index: 0, name: "x" }] }]).map((part) => part.kind)).toEqual([
      "thinking",
      "thought",
      "call",
      "called",
    ]);
  });
});

describe("reserved literals", () => {
  const words = fc.oneof(fc.constantFrom(...RESERVED_WORDS), fc.constantFrom("<", "<\\", "<\\\\", "\\", "a", " ", "\n", "x>"));
  const texts = fc.array(words, { maxLength: 10 }).map((pieces) => pieces.join(""));

  it("come back in texts as unescapeText gives them, however the text is cut", () => {
    const cut = texts.chain((whole) => fc.tuple(fc.constant(whole), cutText(whole)));
    fc.assert(
      fc.property(cut, ([whole, cuts]) => {
        const parts = split(contents(...cuts), { thinking: "none", escapesReserved: true, readsCallsInText: false });
        expect(writtenBy(parts)).toBe(unescapeText(whole));
      }),
    );
  });

  it("come back in thoughts, and escape to what the model wrote", () => {
    const cut = fc
      .tuple(texts, texts)
      .map(([one, other]) => [escapeText(one), escapeText(other)] as const)
      .chain(([inner, outer]) => {
        const whole = `<think>\n${inner}</think>\n\n${outer}`;
        return fc.tuple(fc.constant(whole), cutText(whole));
      });
    fc.assert(
      fc.property(cut, ([whole, cuts]) => {
        const parts = split(contents(...cuts), { ...ESCAPED, readsCallsInText: false });
        expect(writtenBy(joined(parts).map((part) => ("text" in part ? { ...part, text: escapeText(part.text) } : part)))).toBe(whole);
      }),
    );
  });

  it("are held back only as long as they may be escaped", () => {
    const seen: string[] = [];
    const splitter = createReplySplitter({ ...ESCAPED, thinking: "none", readsCallsInText: false }, (part) => {
      if (part.kind === "text") seen.push(part.text);
    });
    for (const content of ["a <", "b <\\", "x <\\thin", "k> <\\think", "ing"]) {
      splitter.push({ content });
      seen.push("|");
    }
    splitter.end();
    expect(seen.join("")).toBe("a |<b |<\\x |<think> |<\\thinking|");
  });
});
