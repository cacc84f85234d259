import fc from "fast-check";
import { expect, test } from "vitest";
import { createRedactor } from "../../../core/config/redactor.ts";

test("a secret is shown neither as it is, nor inside JSON, nor inside a URL", () => {
  const redactor = createRedactor();
  redactor.hide('sk-"quoted"/and spaced');
  const text = [
    'key sk-"quoted"/and spaced.',
    JSON.stringify({ key: 'sk-"quoted"/and spaced' }),
    encodeURIComponent('sk-"quoted"/and spaced'),
  ];
  expect(redactor.clean(text.join("\n"))).toBe('key [redacted].\n{"key":"[redacted]"}\n[redacted]');
});

test("no text shows a hidden secret", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 40 }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!"[redacted]".includes(secret));
      const redactor = createRedactor();
      redactor.hide(secret);
      const cleaned = redactor.clean(`${before}${secret}${after}`);
      // What remains can only be put together from the text around it.
      expect(cleaned.split("[redacted]").some((part) => part.includes(secret))).toBe(false);
    }),
  );
});

test("what is too short for a secret does not blot out the text", () => {
  const redactor = createRedactor();
  redactor.hide(undefined);
  redactor.hide("");
  redactor.hide("a");
  expect(redactor.clean("a banana")).toBe("a banana");
});
