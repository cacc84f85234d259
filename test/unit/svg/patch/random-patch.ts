import fc from "fast-check";
import type { Hunk, PatchFile } from "../../../../core/svg/patch/index.ts";

/** Lines that look like headers, blank ones, and ones with characters that split lines elsewhere. */
const nastyLine = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\t",
    "\f",
    "-- x",
    "++i",
    "-- a/x",
    "@@ -1 +1 @@",
    "diff --git a/x b/x",
    "\\ No newline",
    "a\r",
    "\r",
    "a\fb",
    "a\u2028b",
    "a\x85b",
    "é",
    "return None",
    "\ufeff",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !text.includes("\n")),
);

const signedLine = fc.tuple(fc.constantFrom(" ", "+", "-"), nastyLine).map(([sign, line]) => sign + line);

const hunk: fc.Arbitrary<Hunk> = fc.array(signedLine, { minLength: 1, maxLength: 12 }).map((lines) => {
  const oldLines = lines.filter((line) => line[0] !== "+").length;
  const newLines = lines.filter((line) => line[0] !== "-").length;
  return { oldStart: oldLines === 0 ? 0 : 1, oldLines, newStart: newLines === 0 ? 0 : 1, newLines, lines };
});

const anyPath = fc
  .array(fc.constantFrom("a", "b", " ", "/b", "é", '"', "\\", "\t", "x.py", "中", "\r"), { minLength: 1, maxLength: 6 })
  .map((parts) => `src/${parts.join("")}z`);

const text = { oldMode: null, newMode: null, isBinary: false, binary: [] } as const;
const hunks = fc.array(hunk, { minLength: 1, maxLength: 3 });

const anyFile: fc.Arbitrary<PatchFile> = fc.oneof(
  fc.tuple(anyPath, hunks).map(([name, list]): PatchFile => ({ ...text, kind: "change", oldPath: name, newPath: name, hunks: list })),
  fc
    .tuple(anyPath, hunks)
    .map(([name, list]): PatchFile => ({ ...text, newMode: "100644", kind: "add", oldPath: null, newPath: name, hunks: list })),
  fc
    .tuple(anyPath, hunks)
    .map(([name, list]): PatchFile => ({ ...text, oldMode: "100644", kind: "delete", oldPath: name, newPath: null, hunks: list })),
  fc
    .tuple(anyPath, anyPath, hunks)
    .map(([from, to, list]): PatchFile => ({ ...text, kind: "rename", oldPath: from, newPath: `${to}2`, hunks: list })),
);

export const anyPatch = fc.array(anyFile, { maxLength: 4 });

/** As git writes it. */
export function renderPatch(files: readonly PatchFile[]): string {
  return files.map(renderFile).join("");
}

function renderFile(file: PatchFile): string {
  const old = quoted(`a/${file.oldPath ?? file.newPath}`);
  const fresh = quoted(`b/${file.newPath ?? file.oldPath}`);
  const out = [`diff --git ${old} ${fresh}`];
  if (file.kind === "add") out.push(`new file mode ${file.newMode}`);
  if (file.kind === "delete") out.push(`deleted file mode ${file.oldMode}`);
  if (file.kind === "rename")
    out.push("similarity index 60%", `rename from ${quoted(file.oldPath!)}`, `rename to ${quoted(file.newPath!)}`);
  out.push(
    "index 1111111..2222222",
    `--- ${file.oldPath === null ? "/dev/null" : ended(old)}`,
    `+++ ${file.newPath === null ? "/dev/null" : ended(fresh)}`,
  );
  for (const each of file.hunks) {
    out.push(`@@ -${each.oldStart},${each.oldLines} +${each.newStart},${each.newLines} @@ somewhere`, ...each.lines);
  }
  return `${out.join("\n")}\n`;
}

/** git ends a path that holds blanks with a TAB. */
const ended = (path: string): string => (path.includes(" ") && !path.startsWith('"') ? `${path}\t` : path);

function quoted(path: string): string {
  if (!/["\\\t\r]/.test(path)) return path;
  const escaped = path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  const octal = escaped.replace(/[^ -~]/gu, (char) =>
    [...Buffer.from(char)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  );
  return `"${octal}"`;
}
