import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { finished } from "node:stream/promises";
import pino from "pino";
import type { RunEvent } from "../../core/svg/events.ts";
import type { Redactor } from "../../core/config/redactor.ts";

export interface RunLog {
  onEvent(event: RunEvent): void;
  /** What a program said that worked for us. */
  line(text: string): void;
  error(error: unknown): void;
  close(): Promise<void>;
}

/** What happened in a run, one JSON line an event, beside the run: for looking into it later. Loss of the log never stops a run. */
export function openRunLog(file: string, redactor: Redactor): RunLog {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  let lost = false;
  stream.on("error", () => {
    lost = true;
  });
  const logger = pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: pino.stdSerializers.errWithCause } },
    {
      write: (line: string) => {
        if (!lost) stream.write(redactor.clean(line));
      },
    },
  );
  return {
    onEvent: (event) => {
      // Steps are in the journal; a line for each would make the log as large.
      if (event.event === "step") return;
      if (event.event === "warning") logger.warn(event);
      else logger.info(event);
    },
    line: (text) => logger.info({ said: text }),
    error: (error) => logger.error({ err: error }),
    close: async () => {
      stream.end();
      await finished(stream).catch(() => {});
    },
  };
}
