import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { structuredPatch } from "diff";
import { encodeLines } from "./base85.ts";
import type { Blob, ChangedFile } from "./changed-files.ts";
import { quotePath } from "./quote-path.ts";

/** The changes as `git diff --binary` writes them with core.quotePath=false, without rename detection. `git apply` takes it. */
export function writePatch(files: readonly ChangedFile[]): Uint8Array {
  return Buffer.concat(files.flatMap(sections).map((text) => Buffer.from(text, "latin1")));
}

const ABBREVIATED = 7;
const NO_BLOB = "0".repeat(40);
/** Beyond this many edits the hunk search costs more than a smaller patch is worth. */
const MAX_EDITS = 4000;
const NEW_LINE_MISSING = "\\ No newline at end of file";

/** Sections are latin1 strings, a character a byte, so that any encoding of the sources passes through. */
function sections({ path, before, after }: ChangedFile): string[] {
  const isTypeChange = before !== null && after !== null && (before.mode === "120000") !== (after.mode === "120000");
  if (isTypeChange) return [section(path, before, null), section(path, null, after)];
  return [section(path, before, after)];
}

function section(path: string, before: Blob | null, after: Blob | null): string {
  const isBinary = [before, after].some((blob) => blob !== null && looksBinary(blob.content));
  const isSame = before !== null && after !== null && Buffer.compare(before.content, after.content) === 0;
  const header = [`diff --git ${nameOf("a", path)} ${nameOf("b", path)}`, ...modeLines(before, after)];
  if (!isSame) header.push(indexLine(before, after, isBinary ? NO_BLOB.length : ABBREVIATED));
  const head = `${header.join("\n")}\n`;
  if (isSame) return head;
  return head + (isBinary ? binaryBody(before, after) : textBody(path, before, after));
}

function modeLines(before: Blob | null, after: Blob | null): string[] {
  if (before === null) return [`new file mode ${after?.mode}`];
  if (after === null) return [`deleted file mode ${before.mode}`];
  return before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`];
}

function indexLine(before: Blob | null, after: Blob | null, length: number): string {
  const mode = before !== null && after !== null && before.mode === after.mode ? ` ${before.mode}` : "";
  return `index ${blobId(before).slice(0, length)}..${blobId(after).slice(0, length)}${mode}`;
}

function blobId(blob: Blob | null): string {
  if (blob === null) return NO_BLOB;
  return createHash("sha1").update(`blob ${blob.content.length}\0`).update(blob.content).digest("hex");
}

/** git's own rule: a NUL in the first 8000 bytes. */
function looksBinary(content: Uint8Array): boolean {
  return content.subarray(0, 8000).includes(0);
}

function literal(blob: Blob | null): string {
  const content = blob?.content ?? new Uint8Array();
  return `literal ${content.length}\n${encodeLines(deflateSync(content))}\n`;
}

function binaryBody(before: Blob | null, after: Blob | null): string {
  return `GIT binary patch\n${literal(after)}${literal(before)}`;
}

function textBody(path: string, before: Blob | null, after: Blob | null): string {
  const hunks = hunksOf(latin1(before), latin1(after));
  if (hunks === "") return "";
  // git ends a name with a tab when it holds a space, so that the name's end is known.
  const end = path.includes(" ") ? "\t" : "";
  const from = before === null ? "/dev/null" : nameOf("a", path) + end;
  const to = after === null ? "/dev/null" : nameOf("b", path) + end;
  return `--- ${from}\n+++ ${to}\n${hunks}`;
}

function hunksOf(before: string, after: string): string {
  if (before === after) return "";
  const patch = structuredPatch("", "", before, after, "", "", { context: 3, maxEditLength: MAX_EDITS });
  if (patch === undefined) return replacement(before, after);
  return patch.hunks
    .map((hunk) => `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@\n${hunk.lines.join("\n")}\n`)
    .join("");
}

/** Everything out, everything in. */
function replacement(before: string, after: string): string {
  const old = marked("-", before);
  const fresh = marked("+", after);
  return `@@ -${range(1, old.lines)} +${range(1, fresh.lines)} @@\n${old.text}${fresh.text}`;
}

function marked(mark: string, text: string): { readonly text: string; readonly lines: number } {
  if (text === "") return { text: "", lines: 0 };
  const lines = text.split("\n");
  const isEnded = lines.at(-1) === "";
  if (isEnded) lines.pop();
  const body = lines.map((line) => `${mark}${line}\n`).join("");
  return { text: isEnded ? body : `${body}${NEW_LINE_MISSING}\n`, lines: lines.length };
}

function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`;
  return lines === 1 ? String(start) : `${start},${lines}`;
}

const nameOf = (side: "a" | "b", path: string): string => Buffer.from(quotePath(`${side}/${path}`)).toString("latin1");

const latin1 = (blob: Blob | null): string => (blob === null ? "" : Buffer.from(blob.content).toString("latin1"));
