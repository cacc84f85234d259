import { appendFileSync } from "node:fs";

/** Loaded into functions before anything else. The emulator loses lines that come late; a file has them all. */
const file = process.env["SERAC_BENCH_LOG"];
const { stderr } = process;
const write = stderr.write.bind(stderr);
if (file !== undefined) {
  stderr.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    if (String(chunk).startsWith("{")) appendFileSync(file, chunk);
    return Reflect.apply(write, stderr, [chunk, ...rest]);
  };
}
