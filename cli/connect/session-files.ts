import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { InputError } from "../../core/errors/index.ts";
import type { Io } from "../io.ts";

/** A settings file that nobody else may read, gone when it is disposed of and in any case when the process ends. */
export function writeSettings(settings: object): { readonly path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "serac-settings-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const path = join(folder, "settings.json");
  writeFileSync(path, JSON.stringify(settings), { mode: 0o600 });
  return {
    path,
    [Symbol.dispose]: () => {
      process.off("exit", remove);
      remove();
    },
  };
}

export interface SessionLog {
  readonly path: string;
  write(text: string): void;
  close(): Promise<void>;
  /** Closes it, and takes it away again where nothing was written into it and the person did not name it. */
  discard(): Promise<void>;
}

/** Where the gateway's lines go while the client has the terminal. InputError("usage") when the file cannot be written. */
export async function openSessionLog(file: string | undefined, io: Io): Promise<SessionLog> {
  const path = file === undefined ? join(mkdtempSync(join(tmpdir(), "serac-connect-")), "gateway.log") : resolve(io.cwd, file);
  const stream = createWriteStream(ensured(path), { flags: "a", mode: 0o600 });
  await new Promise<void>((opened, failed) => stream.once("open", () => opened()).once("error", failed)).catch((cause: Error) => {
    throw new InputError("usage", `--log: ${path} cannot be written: ${cause.message}.`, { cause });
  });
  // A log that is lost later stops nothing.
  stream.on("error", () => {});
  let isEmpty = true;
  const remove = (): void => {
    if (file === undefined && isEmpty) rmSync(dirname(path), { recursive: true, force: true });
  };
  process.once("exit", remove);
  const close = async (): Promise<void> => {
    stream.end();
    await finished(stream).catch(() => {});
    process.off("exit", remove);
  };
  return {
    path,
    write: (text) => {
      isEmpty = false;
      stream.write(io.redactor.clean(text));
    },
    close,
    discard: async () => {
      await close();
      remove();
    },
  };
}

function ensured(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw new InputError("usage", `--log: the folder of ${path} cannot be made.`, { cause });
  }
  return path;
}
