import { posix } from "node:path";
import { appendBytes, sharedBytes } from "./change.ts";
import type { Change, Changes } from "./change.ts";
import type { BaseEntry, BaseTree } from "./base-tree.ts";
import { FileError } from "./file-error.ts";
import { SYSTEM_CHILDREN, SYSTEM_DIRECTORIES, SYSTEM_FILES } from "./system.ts";

export interface OverlayLimits {
  /** Of all changed files together. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
  readonly maxEntries: number;
}

export interface Node {
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** A workspace: the shared base, read-only, under this rollout's own changes. Every path is absolute. */
export type Overlay = ReturnType<typeof createOverlay>;

const MAX_LINKS = 40;

export function createOverlay(base: BaseTree, changes: Changes, limits: OverlayLimits, now: () => number = Date.now) {
  const added = new Map<string, Set<string>>();
  let usedBytes = 0;
  for (const [path, entry] of changes) account(path, undefined, entry);

  function account(path: string, before: Change | undefined, after: Change | undefined): void {
    usedBytes += sizeOf(after) - sizeOf(before);
    const parent = posix.dirname(path);
    if (after === undefined || after.kind === "absent") added.get(parent)?.delete(posix.basename(path));
    else added.set(parent, (added.get(parent) ?? new Set()).add(posix.basename(path)));
  }

  function put(path: string, after: Change | undefined, operation = "write"): void {
    const before = changes.get(path);
    const growth = sizeOf(after) - sizeOf(before);
    if (sizeOf(after) > limits.maxFileBytes) throw new FileError("EFBIG", operation, path);
    const isNew = before === undefined && after !== undefined && after.kind !== "absent";
    if ((growth > 0 && usedBytes + growth > limits.maxBytes) || (isNew && changes.size >= limits.maxEntries)) {
      throw new FileError("ENOSPC", operation, path);
    }
    account(path, before, after);
    if (after === undefined) changes.delete(path);
    else changes.set(path, after);
  }

  function baseEntry(path: string): BaseEntry | undefined {
    return base.get(path) ?? (SYSTEM_CHILDREN.has(path) ? { kind: "directory" } : undefined);
  }

  /** What is at a canonical path, links not followed. */
  function at(path: string): Node | null {
    const changed = changes.get(path);
    if (changed !== undefined) return nodeOfChange(changed);
    const entry = baseEntry(path);
    if (entry !== undefined) return nodeOfBase(entry);
    const system = SYSTEM_FILES.get(path);
    return system === undefined ? null : { kind: "file", mode: path.startsWith("/dev/") ? 0o666 : 0o755, size: system.length, mtimeMs: 0 };
  }

  function linkTarget(path: string): string {
    const changed = changes.get(path);
    if (changed?.kind === "symlink") return changed.target;
    const entry = base.get(path);
    if (changed === undefined && entry?.kind === "symlink") return entry.target;
    throw new FileError("EINVAL", "readlink", path);
  }

  /** Canonical path: no links left but, unless `follow`, the last. The last component may be missing, its parent may not. */
  function resolve(path: string, follow: boolean, operation: string): string {
    let pending = posix.normalize(`/${path}`).split("/").filter(Boolean).toReversed();
    let current = "/";
    let links = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === "." || name === "..") {
        if (name === "..") current = posix.dirname(current);
        continue;
      }
      const next = current === "/" ? `/${name}` : `${current}/${name}`;
      const node = at(next);
      if (node === null) {
        if (pending.length > 0) throw new FileError("ENOENT", operation, path);
        return next;
      }
      if (node.kind === "symlink" && (follow || pending.length > 0)) {
        if (++links > MAX_LINKS) throw new FileError("ELOOP", operation, path);
        const target = linkTarget(next);
        if (target.startsWith("/")) current = "/";
        pending = [...pending, ...target.split("/").filter(Boolean).toReversed()];
        continue;
      }
      if (node.kind === "file" && pending.length > 0) throw new FileError("ENOTDIR", operation, path);
      current = next;
    }
    return current;
  }

  function existing(path: string, follow: boolean, operation: string): { readonly path: string; readonly node: Node } {
    const canonical = resolve(path, follow, operation);
    const node = at(canonical);
    if (node === null) throw new FileError("ENOENT", operation, path);
    return { path: canonical, node };
  }

  function lookup(path: string, follow: boolean): { readonly path: string; readonly node: Node } | null {
    try {
      return existing(path, follow, "stat");
    } catch (error) {
      if (error instanceof FileError) return null;
      throw error;
    }
  }

  function writable(canonical: string, operation: string, path: string): void {
    if (!isWritable(base.root, canonical)) throw new FileError("EROFS", operation, path);
  }

  function contentAt(canonical: string): Uint8Array {
    const changed = changes.get(canonical);
    if (changed?.kind === "file") return changed.content;
    const entry = base.get(canonical);
    return entry?.kind === "file" ? base.read(entry) : new TextEncoder().encode(SYSTEM_FILES.get(canonical) ?? "");
  }

  function ownContent(canonical: string): Uint8Array {
    const changed = changes.get(canonical);
    return changed?.kind === "file" ? changed.content : sharedBytes(contentAt(canonical));
  }

  function names(canonical: string): string[] {
    const found = new Set<string>();
    for (const name of [...base.children(canonical), ...(SYSTEM_CHILDREN.get(canonical) ?? [])]) {
      if (changes.get(posix.join(canonical, name))?.kind !== "absent") found.add(name);
    }
    for (const name of added.get(canonical) ?? []) found.add(name);
    return [...found].toSorted();
  }

  function read(path: string): Uint8Array {
    const found = existing(path, true, "open");
    if (found.node.kind === "directory") throw new FileError("EISDIR", "read", path);
    return contentAt(found.path);
  }

  function readdir(path: string): { readonly name: string; readonly node: Node }[] {
    const found = existing(path, true, "scandir");
    if (found.node.kind !== "directory") throw new FileError("ENOTDIR", "scandir", path);
    return names(found.path).flatMap((name) => {
      const node = at(posix.join(found.path, name));
      return node === null ? [] : [{ name, node }];
    });
  }

  function write(path: string, content: Uint8Array, isAppend: boolean): void {
    const canonical = resolve(path, true, "open");
    const node = at(canonical);
    if (node?.kind === "directory") throw new FileError("EISDIR", "open", path);
    writable(canonical, "open", path);
    const mode = node?.mode ?? 0o644;
    if (!isAppend || node === null) return put(canonical, { kind: "file", mode, mtimeMs: now(), content: sharedBytes(content) });
    const size = node.size + content.length;
    if (size > limits.maxFileBytes) throw new FileError("EFBIG", "write", path);
    if (usedBytes + content.length > limits.maxBytes) throw new FileError("ENOSPC", "write", path);
    const before = ownContent(canonical);
    put(canonical, { kind: "file", mode, mtimeMs: now(), content: appendBytes(before, content) });
  }

  function mkdir(path: string, recursive: boolean): void {
    if (recursive) {
      const parent = posix.dirname(posix.normalize(`/${path}`));
      if (parent !== "/" && lookup(parent, true) === null) mkdir(parent, true);
    }
    const canonical = resolve(path, true, "mkdir");
    const node = at(canonical);
    if (node !== null) {
      if (recursive && node.kind === "directory") return;
      throw new FileError("EEXIST", "mkdir", path);
    }
    writable(canonical, "mkdir", path);
    put(canonical, { kind: "directory", mode: 0o755, mtimeMs: now() }, "mkdir");
  }

  function erase(canonical: string): void {
    if (at(canonical)?.kind === "directory") for (const name of names(canonical)) erase(posix.join(canonical, name));
    put(canonical, base.get(canonical) === undefined ? undefined : { kind: "absent" });
  }

  function remove(path: string, options: { readonly recursive: boolean; readonly force: boolean }): void {
    const found = lookup(path, false);
    if (found === null) {
      if (options.force) return;
      throw new FileError("ENOENT", "rm", path);
    }
    const isPinned = found.path === base.root || SYSTEM_DIRECTORIES.includes(found.path);
    if (isPinned) throw new FileError("EROFS", "rm", path);
    writable(found.path, "rm", path);
    if (found.node.kind === "directory" && !options.recursive && names(found.path).length > 0) throw new FileError("ENOTEMPTY", "rm", path);
    erase(found.path);
  }

  function copyAt(from: string, node: Node, to: string): void {
    if (node.kind === "symlink") return put(to, { kind: "symlink", target: linkTarget(from), mtimeMs: now() });
    if (node.kind === "file") {
      return put(to, { kind: "file", mode: node.mode, mtimeMs: node.mtimeMs, content: sharedBytes(contentAt(from)) });
    }
    const entries = names(from);
    if (at(to)?.kind !== "directory") put(to, { kind: "directory", mode: node.mode, mtimeMs: now() });
    for (const name of entries) {
      const child = at(posix.join(from, name));
      if (child !== null) copyAt(posix.join(from, name), child, posix.join(to, name));
    }
  }

  function copy(source: string, destination: string, recursive: boolean): void {
    const from = existing(source, true, "cp");
    if (from.node.kind === "directory" && !recursive) throw new FileError("EISDIR", "cp", source);
    const to = resolve(destination, true, "cp");
    writable(to, "cp", destination);
    if (to === from.path || to.startsWith(`${from.path}/`)) throw new FileError("EINVAL", "cp", destination);
    copyAt(from.path, from.node, to);
  }

  function move(source: string, destination: string): void {
    const from = existing(source, false, "rename");
    const to = resolve(destination, false, "rename");
    writable(from.path, "rename", source);
    writable(to, "rename", destination);
    if (to === from.path) return;
    if (to.startsWith(`${from.path}/`) || from.path === base.root) throw new FileError("EINVAL", "rename", destination);
    const target = at(to);
    if (target?.kind === "directory") {
      if (from.node.kind !== "directory") throw new FileError("EISDIR", "rename", destination);
      if (names(to).length > 0) throw new FileError("ENOTEMPTY", "rename", destination);
    } else if (target !== null && from.node.kind === "directory") throw new FileError("ENOTDIR", "rename", destination);
    copyAt(from.path, from.node, to);
    erase(from.path);
  }

  function change(path: string, operation: string, edit: { readonly mode?: number; readonly mtimeMs?: number }): void {
    const { path: canonical, node } = existing(path, true, operation);
    writable(canonical, operation, path);
    const mode = edit.mode ?? node.mode;
    const mtimeMs = edit.mtimeMs ?? node.mtimeMs;
    if (node.kind === "directory") return put(canonical, { kind: "directory", mode, mtimeMs });
    put(canonical, { kind: "file", mode, mtimeMs, content: ownContent(canonical) });
  }

  function symlink(target: string, path: string): void {
    const canonical = resolve(path, false, "symlink");
    if (at(canonical) !== null) throw new FileError("EEXIST", "symlink", path);
    writable(canonical, "symlink", path);
    put(canonical, { kind: "symlink", target, mtimeMs: now() });
  }

  return {
    base,
    changes,
    at,
    lookup,
    resolve,
    existing,
    read,
    readdir,
    readlink: (path: string) => linkTarget(existing(path, false, "readlink").path),
    write: (path: string, content: Uint8Array) => write(path, content, false),
    append: (path: string, content: Uint8Array) => write(path, content, true),
    mkdir,
    remove,
    copy,
    move,
    symlink,
    chmod: (path: string, mode: number) => change(path, "chmod", { mode: mode & 0o7777 }),
    touch: (path: string, mtimeMs: number) => change(path, "utime", { mtimeMs }),
  };
}

const sizeOf = (change: Change | undefined): number => (change?.kind === "file" ? change.content.length : 0);

const isWritable = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`) || path.startsWith("/tmp/");

function nodeOfChange(change: Change): Node | null {
  if (change.kind === "absent") return null;
  if (change.kind === "symlink") return linkNode(change.target, change.mtimeMs);
  return { kind: change.kind, mode: change.mode, size: sizeOf(change), mtimeMs: change.mtimeMs };
}

function nodeOfBase(entry: BaseEntry): Node {
  if (entry.kind === "directory") return { kind: "directory", mode: 0o755, size: 0, mtimeMs: 0 };
  if (entry.kind === "symlink") return linkNode(entry.target, 0);
  return { kind: "file", mode: entry.executable ? 0o755 : 0o644, size: entry.size, mtimeMs: 0 };
}

const linkNode = (target: string, mtimeMs: number): Node => ({ kind: "symlink", mode: 0o777, size: Buffer.byteLength(target), mtimeMs });
