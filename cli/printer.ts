import type { Redactor } from "../core/config/redactor.ts";

/** The reader of our output has gone (`serac survey . | head`): stop quietly. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

/** What a printer needs to know of a stream; `process.stdout` is one. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface Printer {
  readonly isTty: boolean;
  /** Width in columns; 80 where there is no terminal. */
  columns(): number;
  /** Resolves when the stream wants more. Throws OutputClosed when nobody reads any longer. */
  write(text: string): Promise<void>;
  /** Like `write`, for output that may be lost when nobody reads it. */
  tell(text: string): void;
  /** The stream itself, for libraries that draw on it. */
  readonly stream: OutputStream;
}

const NO_TERMINAL_COLUMNS = 80;

export function createPrinter(stream: OutputStream, redactor: Redactor): Printer {
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
    closed = true;
  });
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const settle = (): void => {
        stream.off("drain", settle).off("close", settle).off("error", settle);
        resolve();
      };
      stream.on("drain", settle).on("close", settle).on("error", settle);
    });
  return {
    stream,
    isTty: stream.isTTY === true,
    columns: () => (stream.isTTY === true && stream.columns !== undefined && stream.columns > 0 ? stream.columns : NO_TERMINAL_COLUMNS),
    write: async (text) => {
      if (closed) throw new OutputClosed();
      if (!stream.write(redactor.clean(text))) await drained();
    },
    tell: (text) => {
      if (!closed) stream.write(redactor.clean(text));
    },
  };
}
