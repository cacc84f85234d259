/**
 * Where a path may begin and end in a text. Two rules keep the translation exact: what stands around a path decides alone, never the
 * path itself, so that a translated path is found again; and no path that is translated holds a place inside where one may begin.
 */

/** Characters that a path may follow, beside white space and the start of the text. */
const BEFORE = "' \" ` = : , ; & | ( [ { < > @ ! # %".split(" ");

/** What else a path may follow. */
const CONTEXTS = [
  // A flag with its value: -I/testbed.
  String.raw`(?:^|[\s'"=,;&|(])-[A-Za-z]`,
  // A URL; see `isTornUrl`.
  "file://",
  // A line that a diff adds or takes away.
  String.raw`(?:^|\n)[-+]`,
  // Escapes of white space, as they stand in source texts and JSON.
  String.raw`\\[nrt]`,
] as const;

/** A name goes on with one of these: /testbed2, /testbed-old, /testbed.py, /testbed~ are other paths. */
const NAME = String.raw`\p{L}\p{M}\p{N}_~+\-`;

/** Behind a path: anything but the rest of a longer name. A full stop ends a sentence unless a name or a slash follows. */
export const AFTER = String.raw`(?![${NAME}]|\.+[${NAME}/])`;

/** A lookbehind for the beginnings of paths, less those that stand inside `directory`, the path that is translated. */
export function beginning(directory: string): string {
  const heads = [...directory.matchAll(/\//g)].filter(({ index }) => index > 0).map(({ index }) => directory.slice(0, index));
  const characters = BEFORE.filter((character) => !heads.some((head) => head.endsWith(character)));
  const space = heads.some((head) => /\s$/.test(head)) ? String.raw`\t\n\r` : String.raw`\s`;
  const contexts = CONTEXTS.filter((context) => !heads.some((head) => new RegExp(`(?:${context})$`).test(head)));
  return `(?<=^|[${space}${characters.map((character) => `\\x${character.charCodeAt(0).toString(16)}`).join("")}]|${contexts.join("|")})`;
}

const URL = "file://";

/** Whether the `file://` in front of `at` begins before `floor`: then its letters are the end of a path that was translated. */
export function isTornUrl(text: string, at: number, floor: number): boolean {
  return text[at - 1] === "/" && at - URL.length < floor;
}
