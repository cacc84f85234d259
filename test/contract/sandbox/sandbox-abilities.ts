/** What a driver is able to do beyond the port's plain promises. Leave out what it cannot. */
export interface SandboxAbilities {
  /** A real bash with real processes: it can be ended from inside, and commands can leave others behind. */
  readonly processes: boolean;
  /** Paths that are not UTF-8. */
  readonly rawPaths: boolean;
  /** How many sequences of edits are tried; fewer where a machine takes long to start. Left out: 15. */
  readonly editSequences?: number;
}
