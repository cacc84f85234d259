import pino from "pino";
import { createRedactor, type Redactor } from "../core/config/redactor.ts";
import { SeracError } from "../core/errors/index.ts";

/** Ids, counts and times of what was done; never what a teacher or a repository said. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(fields: LogFields): void;
  /** Something that the code did not foresee is told with its stack. */
  error(fields: LogFields, error: unknown): void;
}

/** What is learnt as a secret is never written, whoever repeats it. */
export const redactor: Redactor = createRedactor();

/** JSON lines on standard output, which Lambda keeps. */
export function openLog(base: LogFields, write: (line: string) => void = writeOut): Log {
  const logger = pino(
    { base, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: pino.stdSerializers.errWithCause } },
    { write: (line: string) => write(redactor.clean(line)) },
  );
  return {
    info: (fields) => logger.info(fields),
    error: (fields, error) => {
      if (error instanceof SeracError) logger.warn({ ...fields, code: error.code, message: error.message });
      else logger.error({ ...fields, err: error });
    },
  };
}

/** Not through a buffer of pino's own: a function may be frozen as soon as it has answered. */
const writeOut = (line: string): void => void process.stdout.write(line);
