import { posix } from "node:path";
import { unsafeBytesFromLatin1 } from "just-bash";
import type { FileContent, FsStat, IFileSystem } from "just-bash";
import type { Node, Overlay } from "./overlay.ts";
import { isDevice, OUTPUT_DEVICE } from "./system.ts";

type Options = Parameters<IFileSystem["readFile"]>[1];

/** The overlay as just-bash sees a file system. `onOutput` gets what is written to the output device, in order. */
export function asFileSystem(overlay: Overlay, onOutput: (bytes: Uint8Array) => void): IFileSystem {
  const write = (path: string, bytes: Uint8Array, isAppend: boolean): void => {
    if (path === OUTPUT_DEVICE) onOutput(bytes);
    else if (isDevice(path)) return;
    else if (isAppend) overlay.append(path, bytes);
    else overlay.write(path, bytes);
  };
  return {
    readFile: async (path, options) => textOf(overlay.read(path), encodingOf(options) ?? "utf8"),
    readFileBytes: async (path) => unsafeBytesFromLatin1(textOf(overlay.read(path), "latin1")),
    readFileBuffer: async (path) => Uint8Array.from(overlay.read(path)),
    writeFile: async (path, content, options) => write(path, bytesOf(content, encodingOf(options)), false),
    appendFile: async (path, content, options) => write(path, bytesOf(content, encodingOf(options)), true),
    exists: async (path) => overlay.lookup(path, true) !== null,
    stat: async (path) => statOf(overlay.existing(path, true, "stat")),
    lstat: async (path) => statOf(overlay.existing(path, false, "lstat")),
    mkdir: async (path, options) => overlay.mkdir(path, options?.recursive === true),
    readdir: async (path) => overlay.readdir(path).map((entry) => entry.name),
    readdirWithFileTypes: async (path) =>
      overlay.readdir(path).map(({ name, node }) => ({
        name,
        isFile: node.kind === "file",
        isDirectory: node.kind === "directory",
        isSymbolicLink: node.kind === "symlink",
      })),
    rm: async (path, options) => overlay.remove(path, { recursive: options?.recursive === true, force: options?.force === true }),
    cp: async (source, destination, options) => overlay.copy(source, destination, options?.recursive === true),
    mv: async (source, destination) => overlay.move(source, destination),
    resolvePath: (from, path) => posix.resolve("/", from, path),
    getAllPaths: () => [],
    chmod: async (path, mode) => overlay.chmod(path, mode),
    symlink: async (target, path) => overlay.symlink(target, path),
    // A hard link is a copy here: the two names do not share later writes.
    link: async (path, name) => overlay.copy(path, name, false),
    readlink: async (path) => overlay.readlink(path),
    realpath: async (path) => overlay.existing(path, true, "realpath").path,
    utimes: async (path, _atime, mtime) => overlay.touch(path, mtime.getTime()),
  };
}

function encodingOf(options: Options): BufferEncoding | undefined {
  return (typeof options === "string" ? options : options?.encoding) ?? undefined;
}

function textOf(bytes: Uint8Array, encoding: BufferEncoding): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
}

function bytesOf(content: FileContent, encoding: BufferEncoding = "utf8"): Uint8Array {
  return typeof content === "string" ? Buffer.from(content, encoding) : content;
}

function statOf({ path, node }: { readonly path: string; readonly node: Node }): FsStat {
  return {
    isFile: node.kind === "file",
    isDirectory: node.kind === "directory",
    isSymbolicLink: node.kind === "symlink",
    mode: node.mode,
    size: node.size,
    mtime: new Date(node.mtimeMs),
    identity: path,
  };
}
