import { posix } from "node:path";
import type { Overlay } from "../tree/overlay.ts";
import { ignoreRules } from "./ignored.ts";

export type GitMode = "100644" | "100755" | "120000";

export interface Blob {
  readonly mode: GitMode;
  /** For a link its target. */
  readonly content: Uint8Array;
}

export interface ChangedFile {
  /** Relative to the tree. */
  readonly path: string;
  /** Null for a new file. */
  readonly before: Blob | null;
  /** Null for a deleted one. */
  readonly after: Blob | null;
}

/** What differs from the base, by path; new files that are ignored are left out. */
export function changedFiles(overlay: Overlay): readonly ChangedFile[] {
  const isIgnored = ignoreRules(overlay);
  const prefix = `${overlay.base.root}/`;
  const found: ChangedFile[] = [];
  for (const absolute of overlay.changes.keys()) {
    if (!absolute.startsWith(prefix)) continue;
    const path = absolute.slice(prefix.length);
    const before = baseBlob(overlay, absolute);
    if (before === null && isIgnored(path)) continue;
    const after = currentBlob(overlay, absolute);
    if (!isSameBlob(before, after)) found.push({ path, before, after });
  }
  return found.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

export function baseBlob(overlay: Overlay, absolute: string): Blob | null {
  const entry = overlay.base.get(absolute);
  if (entry === undefined || entry.kind === "directory") return null;
  if (entry.kind === "symlink") return { mode: "120000", content: Buffer.from(entry.target) };
  return { mode: entry.executable ? "100755" : "100644", content: overlay.base.read(entry) };
}

function currentBlob(overlay: Overlay, absolute: string): Blob | null {
  const node = overlay.at(absolute);
  if (node === null || node.kind === "directory") return null;
  if (node.kind === "symlink") return { mode: "120000", content: Buffer.from(overlay.readlink(absolute)) };
  return { mode: (node.mode & 0o100) === 0 ? "100644" : "100755", content: overlay.read(absolute) };
}

function isSameBlob(a: Blob | null, b: Blob | null): boolean {
  if (a === null || b === null) return a === b;
  return a.mode === b.mode && Buffer.compare(a.content, b.content) === 0;
}

/** Puts one file of the base back, or removes a new one. */
export function revertFile(overlay: Overlay, path: string): void {
  const absolute = posix.join(overlay.base.root, path);
  putBlob(overlay, absolute, baseBlob(overlay, absolute));
}

export function putBlob(overlay: Overlay, absolute: string, blob: Blob | null): void {
  overlay.remove(absolute, { recursive: true, force: true });
  if (blob === null) return;
  overlay.mkdir(posix.dirname(absolute), true);
  if (blob.mode === "120000") return overlay.symlink(Buffer.from(blob.content).toString(), absolute);
  overlay.write(absolute, blob.content);
  overlay.chmod(absolute, blob.mode === "100755" ? 0o755 : 0o644);
}
