import fc from "fast-check";

/** Numbers of JSON in every spelling, also such as a double cannot hold. */
export const anyNumberText: fc.Arbitrary<string> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 0n, max: 999n })),
    fc.option(fc.string({ unit: fc.constantFrom(..."0123456789".split("")), minLength: 1, maxLength: 20 })),
    fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "E-", "e-"), fc.integer({ min: 0, max: 340 }))),
  )
  .map(([isNegative, whole, fraction, exponent]) =>
    [isNegative ? "-" : "", whole, fraction === null ? "" : `.${fraction}`, exponent?.join("") ?? ""].join(""),
  );

const anyStringText = fc
  .oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.string({ unit: fc.constantFrom("\ud83d", "\ude00", "a", "\n", '"', "\\", "/") }))
  .chain((text) =>
    fc.constantFrom(
      JSON.stringify(text.toWellFormed()),
      `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")}"`,
      JSON.stringify(text.toWellFormed()).replaceAll("/", "\\/"),
    ),
  );

const space = fc.constantFrom("", "", " ", "\n", "\t", "\r\n ");

/** JSON in every spelling: members named twice, escapes where none are needed, spaces anywhere. */
export const { text: anyJsonText } = fc.letrec<{ text: string; leaf: string; array: string; object: string }>((tie) => ({
  text: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("array"), tie("object")),
  leaf: fc.oneof(
    anyNumberText.filter((text) => Number.isFinite(Number(text))),
    anyStringText,
    fc.constantFrom("true", "false", "null", "[]", "{}"),
  ),
  array: fc.tuple(fc.array(tie("text"), { maxLength: 3 }), space).map(([items, blank]) => `[${blank}${items.join(`${blank},`)}${blank}]`),
  object: fc
    .tuple(
      fc.array(fc.tuple(fc.oneof(anyStringText, fc.constantFrom('"a"', '"1"', '"0"', '"__proto__"')), tie("text")), { maxLength: 4 }),
      space,
    )
    .map(([members, blank]) => `{${members.map(([key, value]) => `${blank}${key}${blank}:${blank}${value}`).join(",")}${blank}}${blank}`),
}));
