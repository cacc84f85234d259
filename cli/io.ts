import { createPrinter, type Printer } from "./printer.ts";
import { createRedactor, type Redactor } from "../core/config/redactor.ts";

/** What a command sees of the process that runs it. */
export interface Io {
  readonly out: Printer;
  readonly err: Printer;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly redactor: Redactor;
  /** Whether errors are shown with their causes and stacks. */
  debug: boolean;
}

export function processIo(): Io {
  const redactor = createRedactor();
  return {
    out: createPrinter(process.stdout, redactor),
    err: createPrinter(process.stderr, redactor),
    env: process.env,
    cwd: process.cwd(),
    redactor,
    debug: false,
  };
}

/** https://no-color.org: any non-empty value switches colours off. */
export function wantsColor(printer: Printer, env: NodeJS.ProcessEnv): boolean {
  if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return false;
  return printer.isTty;
}
