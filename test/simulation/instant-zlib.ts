import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";

/**
 * Compression in threads takes real time, which a simulated clock cannot wait for. Imported before anything of core, this puts what is to be
 * compressed down as it is, and at once. For this process alone, and only as long as nothing real is read.
 */
type Done = (error: Error | null, result: Buffer) => void;

function asItIs(data: Buffer, options: zlib.ZstdOptions | Done, done?: Done): void {
  (typeof options === "function" ? options : done!)(null, data);
}

Object.assign(zlib, { zstdCompress: asItIs, zstdDecompress: asItIs });
syncBuiltinESMExports();
