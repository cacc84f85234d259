import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isReminder, splitReminders } from "../../../../core/gateway/client/reminders.ts";

const one = "<system-reminder>\nBe kind.\n</system-reminder>";
const two = "<system-reminder>Be quick.</system-reminder>";

describe("reminders", () => {
  test.each([
    ["alone", one, { text: "", reminders: [one] }],
    ["behind a result", `1\tx = 1\n\n${one}\n`, { text: "1\tx = 1", reminders: [one] }],
    ["in front of words", `${one}\nDo the thing`, { text: "Do the thing", reminders: [one] }],
    ["between words", `First.\n\n${one}\n\nThen.`, { text: "First.\nThen.", reminders: [one] }],
    ["one after the other", `${one}\n${two}\nDo it`, { text: "Do it", reminders: [one, two] }],
    ["none", "Do it\n\n", { text: "Do it\n\n", reminders: [] }],
    ["not closed", "<system-reminder>\nDo it", { text: "<system-reminder>\nDo it", reminders: [] }],
    ["in the midst of a line", `grep '${two}' a.md`, { text: `grep '${two}' a.md`, reminders: [] }],
    ["with the line breaks of the text itself", `\n\n\na\n\n\n${one}`, { text: "\n\n\na\n", reminders: [one] }],
  ])("%s", (_, text, split) => {
    expect(splitReminders(text)).toEqual(split);
  });

  test("a text is a reminder when it is nothing else", () => {
    expect(isReminder(`${one}\n\n${two}\n`)).toBe(true);
    expect(isReminder(`${one}\nDo it`)).toBe(false);
    expect(isReminder("")).toBe(false);
    expect(isReminder("Do it")).toBe(false);
  });

  test("nothing but reminders and line breaks is taken out of any text", () => {
    const parts = fc.array(fc.constantFrom(one, two, "\n", "a", "<system-reminder>", "</system-reminder>", " b"), { maxLength: 12 });
    fc.assert(
      fc.property(parts, (all) => {
        const whole = all.join("");
        const { text, reminders } = splitReminders(whole);
        const letters = (some: string) => some.replaceAll("\n", "").length;
        expect(letters(text) + reminders.reduce((sum, reminder) => sum + letters(reminder), 0)).toBe(letters(whole));
        expect(reminders.length === 0 ? text === whole : true).toBe(true);
      }),
    );
  });
});
