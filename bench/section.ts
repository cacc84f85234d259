/** One line of the table that `npm run bench` prints. Figures are measured in this very run, unless `peer` says otherwise. */
export interface Row {
  readonly what: string;
  readonly target: string;
  readonly serac: string;
  readonly peer: string;
}

export interface BenchOptions {
  /** Also run peers that take many minutes. */
  readonly slow: boolean;
  readonly log: (line: string) => void;
}

export interface Section {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}
