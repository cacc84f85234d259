import { posix } from "node:path";
import { inflateSync } from "node:zlib";
import type { Overlay } from "../tree/overlay.ts";
import { decodeLines } from "./base85.ts";
import { baseBlob, putBlob } from "./changed-files.ts";
import type { Blob, GitMode } from "./changed-files.ts";
import { unquotePath } from "./quote-path.ts";

/**
 * Puts a patch that `writePatch` made onto a fresh workspace. It is exact: a hunk that does not fit the base is an error,
 * because then the base is not the one that the patch was made on.
 */
export function applyPatch(overlay: Overlay, patch: Uint8Array): void {
  const text = Buffer.from(patch).toString("latin1");
  // No line of a hunk or of a literal can begin with this.
  const sections = `\n${text}`.split("\ndiff --git ").slice(1).map(readSection);
  // As git does: a link that takes the place of a folder comes before the folder's files, which it would lead elsewhere.
  for (const section of sections) if (isDeletion(section)) removeFile(overlay, `${overlay.base.root}/${section.path}`);
  for (const section of sections) if (!isDeletion(section)) putFile(overlay, section);
}

interface Section {
  readonly path: string;
  readonly lines: readonly string[];
  /** Where the first hunk or the literal begins; -1 when only modes change. */
  readonly body: number;
}

function readSection(section: string): Section {
  const lines = section.split("\n");
  const body = lines.findIndex((line) => line.startsWith("@@ ") || line === "GIT binary patch");
  return { path: pathOf(lines[0] ?? ""), lines, body };
}

/** What follows the prefix in the header line that begins with it. */
function said({ lines, body }: Section, prefix: string): string | undefined {
  const header = body === -1 ? lines : lines.slice(0, body);
  return header.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

const isDeletion = (section: Section): boolean => said(section, "deleted file mode ") !== undefined;

function putFile(overlay: Overlay, section: Section): void {
  const { path, lines, body } = section;
  const absolute = `${overlay.base.root}/${path}`;
  const isNew = said(section, "new file mode ") !== undefined;
  const before = isNew ? null : baseBlob(overlay, absolute);
  if (!isNew && before === null) throw new Error(`the base has no ${path}`);
  const mode = MODES.find((known) => known === (said(section, "new file mode ") ?? said(section, "new mode ") ?? before?.mode)) ?? "100644";
  const old = Buffer.from(before?.content ?? []).toString("latin1");
  const content = body === -1 ? old : lines[body] === "GIT binary patch" ? binary(lines, body + 1) : applyHunks(old, lines, body, path);
  const blob: Blob = { mode, content: Buffer.from(content, "latin1") };
  putBlob(overlay, absolute, blob);
}

/** With the folders that it leaves empty, as git does. */
function removeFile(overlay: Overlay, absolute: string): void {
  putBlob(overlay, absolute, null);
  let folder = posix.dirname(absolute);
  while (folder !== overlay.base.root && overlay.at(folder)?.kind === "directory" && overlay.readdir(folder).length === 0) {
    overlay.remove(folder, { recursive: true, force: true });
    folder = posix.dirname(folder);
  }
}

const MODES: readonly GitMode[] = ["100644", "100755", "120000"];

/** Both names are the same, so each is half of the line. */
function pathOf(names: string): string {
  const second = names.slice((names.length + 1) / 2);
  return unquotePath(Buffer.from(second, "latin1").toString()).slice("b/".length);
}

function binary(lines: readonly string[], start: number): string {
  const end = lines.indexOf("", start);
  return inflateSync(decodeLines(lines.slice(start + 1, end))).toString("latin1");
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@/;

function applyHunks(old: string, lines: readonly string[], start: number, path: string): string {
  const source = old.split(/(?<=\n)/);
  if (source.at(-1) === "") source.pop();
  const result: string[] = [];
  let at = 0;
  for (let i = start; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      const first = hunk[2] === "0" ? Number(hunk[1]) : Number(hunk[1]) - 1;
      for (; at < first; at++) result.push(source[at] ?? "");
      continue;
    }
    const hasNewline = lines[i + 1]?.startsWith("\\") !== true;
    const text = line.slice(1) + (hasNewline ? "\n" : "");
    if (line.startsWith("+")) result.push(text);
    if (line.startsWith("-") || line.startsWith(" ")) {
      if (source[at] !== text) throw new Error(`line ${at + 1} of ${path} is not what the patch expects`);
      if (line.startsWith(" ")) result.push(text);
      at++;
    }
  }
  return result.join("") + source.slice(at).join("");
}
