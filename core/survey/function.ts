/** A place in the code that a sample starts from. */
export interface SourceFunction {
  /** `path::Outer.inner`, with `#2` for a redefinition in the same scope. Unique in a survey. */
  readonly id: string;
  readonly path: string;
  /** Qualified: `Outer.inner`. */
  readonly name: string;
  readonly language: string;
  /** 1-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly lines: number;
}

export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

export interface SurveySummary {
  readonly functions: number;
  readonly files: number;
  readonly skipped: readonly SkippedFile[];
}
