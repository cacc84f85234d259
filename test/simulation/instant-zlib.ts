import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";

/**
 * Compression in threads takes real time, which a simulated clock cannot wait for. Imported before anything of core, this makes it
 * happen on the spot; the bytes are the same.
 */
type Done = (error: Error | null, result: Buffer) => void;
type Compress = (data: zlib.InputType, options: zlib.ZstdOptions | Done, done?: Done) => void;

const onTheSpot =
  (work: (data: zlib.InputType, options?: zlib.ZstdOptions) => Buffer): Compress =>
  (data, options, done) => {
    const [given, call] = typeof options === "function" ? [undefined, options] : [options, done!];
    call(null, work(data, given));
  };

Object.assign(zlib, { zstdCompress: onTheSpot(zlib.zstdCompressSync), zstdDecompress: onTheSpot(zlib.zstdDecompressSync) });
syncBuiltinESMExports();
