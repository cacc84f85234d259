import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from "yaml";

import { InputError } from "../errors/index.ts";
import { isMapping, type ConfigLayer, type KeyPath } from "./layer.ts";

const MAX_BYTES = 1 << 20;
/** An alias may be used, a bomb of aliases may not: more expansions than this are refused. */
const MAX_ALIASES = 100;

/** What a message says of the file that was expected. */
export interface ExpectedFile {
  /** Some of its keys. */
  readonly example: string;
  readonly hint: string;
}

const SERAC_YAML: ExpectedFile = {
  example: "repo, teacher and plan",
  hint: "docs/configuration.md shows a whole file; every key is optional but teacher.baseUrl and teacher.model.",
};

/** Reads serac.yaml. `file` is for messages only. InputError: config_unreadable (not text), config_invalid (not YAML, or no mapping). */
export function yamlLayer(content: string | Uint8Array, file: string, expected: ExpectedFile = SERAC_YAML): ConfigLayer {
  const { hint } = expected;
  const text = typeof content === "string" ? content : decode(content, file, hint);
  if (text.length > MAX_BYTES) throw tooLarge(file, hint);
  const lines = new LineCounter();
  const document = parse(text, file, lines, hint);
  const [error] = document.errors;
  if (error?.message.includes("call stack")) throw unusable(file, new RangeError(error.message), hint);
  if (error !== undefined) throw invalid(`${position(file, lines, error.pos[0])}: not valid YAML: ${error.message}`, hint);
  const doubled = repeatedKey(document, file, hint);
  if (doubled !== null) throw invalid(`${position(file, lines, doubled)}: not valid YAML: Map keys must be unique`, hint);
  const allowed = `a mapping of keys such as ${expected.example}`;
  if (document.contents === null) throw invalid(`${file} is empty; allowed is ${allowed}.`, hint);
  if (!isMap(document.contents))
    throw invalid(`${file} holds ${isSeq(document.contents) ? "a list" : "a single value"}; allowed is ${allowed}.`, hint);
  const value = toPlain(document, file, expected);
  return { source: file, value, where: (path) => where(document, path, file, lines) };
}

function decode(bytes: Uint8Array, file: string, hint: string): string {
  if (bytes.length > MAX_BYTES) throw tooLarge(file, hint);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new InputError("config_unreadable", `${file} is not UTF-8 text${isUtf16 ? " but UTF-16" : ""}.`, {
      hint: "Save it as UTF-8.",
      cause,
    });
  }
}

/** Whatever is thrown on the way from text to values comes from the text: too deep, too many aliases. */
function parse(text: string, file: string, lineCounter: LineCounter, hint: string): Document {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, stringKeys: true });
  } catch (cause) {
    throw unusable(file, cause, hint);
  }
}

/** Where a key stands for the second time in its mapping; null when none does. The parser's own check compares each key with every other. */
function repeatedKey(document: Document, file: string, hint: string): number | null {
  let found: number | null = null;
  try {
    visit(document, {
      Map: (_, { items }) => {
        const seen = new Set<unknown>();
        for (const { key } of items) {
          if (!isScalar(key)) continue;
          if (seen.has(key.value)) {
            found = key.range?.[0] ?? 0;
            return visit.BREAK;
          }
          seen.add(key.value);
        }
        return undefined;
      },
    });
  } catch (cause) {
    throw unusable(file, cause, hint);
  }
  return found;
}

function toPlain(document: Document, file: string, expected: ExpectedFile): Record<string, unknown> {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw unusable(file, cause, expected.hint);
  }
  if (isMapping(value)) return value;
  throw invalid(`${file} holds no plain mapping; allowed is a mapping of keys such as ${expected.example}.`, expected.hint);
}

function unusable(file: string, cause: unknown, hint: string): InputError {
  const isTooDeep = cause instanceof RangeError;
  const why = isTooDeep ? "it is nested too deeply" : cause instanceof Error ? cause.message : String(cause);
  return new InputError("config_invalid", `${file} cannot be used: ${why}.`, { hint, cause });
}

const tooLarge = (file: string, hint: string): InputError => invalid(`${file} is larger than 1 MB; that is no file of settings.`, hint);

function invalid(message: string, hint: string): InputError {
  return new InputError("config_invalid", message, { hint });
}

function position(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** The place of the key (in a list: of the item) at the end of the path. */
function where(document: Document, path: KeyPath, file: string, lines: LineCounter): string | null {
  let node: unknown = document.contents;
  let range: readonly number[] | null | undefined = document.contents?.range;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair: unknown = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!isPair(pair)) return null;
      range = isScalar(pair.key) ? pair.key.range : range;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      if (!isScalar(item) && !isMap(item) && !isSeq(item) && !isAlias(item)) return null;
      range = item.range;
      node = item;
    } else return null;
  }
  return position(file, lines, range?.[0] ?? 0);
}
