/** How to take back one edit of one file: the bytes that stand at `at` now, and the ones that stood there before. */
export interface UndoStep {
  /** Byte offset. */
  readonly at: number;
  readonly removedBase64: string;
  readonly insertedBytes: number;
  /** SHA-256 of the inserted bytes, hex: an undo is refused when something else stands there by now. */
  readonly insertedDigest: string;
  /** The edit made the file; undoing removes it. */
  readonly created: boolean;
}

export interface SweAgentState {
  /** By path, the last edit at the end. */
  readonly edits: ReadonlyMap<string, readonly UndoStep[]>;
  /** How often a diff was shown on submit. */
  readonly reviews: number;
  /** Digest of the diff shown last. */
  readonly reviewed: string | null;
  readonly verdict: "submitted" | "exit_forfeit" | null;
}

export type SweAgentEffect =
  | { readonly type: "edit"; readonly path: string; readonly undo: UndoStep }
  | { readonly type: "undo"; readonly path: string }
  | { readonly type: "review"; readonly digest: string }
  | { readonly type: "submit" }
  | { readonly type: "forfeit" };

export const INITIAL_STATE: SweAgentState = { edits: new Map(), reviews: 0, reviewed: null, verdict: null };

/** Effects come back from our own journal; an unknown one, of another version, changes nothing. */
export function isEffect(value: unknown): value is SweAgentEffect {
  return typeof value === "object" && value !== null && "type" in value;
}

export function reduce(state: SweAgentState, effect: SweAgentEffect): SweAgentState {
  switch (effect.type) {
    case "edit":
      return withEdits(state, effect.path, [...(state.edits.get(effect.path) ?? []), effect.undo]);
    case "undo":
      return withEdits(state, effect.path, (state.edits.get(effect.path) ?? []).slice(0, -1));
    case "review":
      return { ...state, reviews: state.reviews + 1, reviewed: effect.digest };
    case "submit":
      return { ...state, verdict: "submitted" };
    case "forfeit":
      return { ...state, verdict: "exit_forfeit" };
    default:
      return state;
  }
}

function withEdits(state: SweAgentState, path: string, steps: readonly UndoStep[]): SweAgentState {
  return { ...state, edits: new Map(state.edits).set(path, steps) };
}
