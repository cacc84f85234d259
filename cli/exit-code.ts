import { InputError, PausedError } from "../core/errors/index.ts";

/** A contract: scripts tell the outcomes apart by these. */
export const EXIT = { done: 0, failed: 1, badInput: 2, paused: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends with the exit code of a program that was run in our place, which has said itself what there was to say. */
export class ExitWith extends Error {
  override readonly name = "ExitWith";
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof InputError) return EXIT.badInput;
  if (error instanceof PausedError) return EXIT.paused;
  return EXIT.failed;
}
