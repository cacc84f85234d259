import { Writable } from "node:stream";
import type { Io } from "../../../cli/io.ts";
import { createPrinter } from "../../../cli/printer.ts";
import { createRedactor } from "../../../core/config/redactor.ts";

/** What a command sees of a process that prints into nothing. */
export function silentIo(env: NodeJS.ProcessEnv = {}, cwd = process.cwd()): Io {
  const redactor = createRedactor();
  const nowhere = createPrinter(new Writable({ write: (_chunk, _encoding, done) => done() }), redactor);
  return { out: nowhere, err: nowhere, env, cwd, redactor, debug: false };
}
