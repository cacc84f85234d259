/** How far a candidate patch repeats the changes of a target patch. */
export interface PatchScore {
  /** matched / target; null when the target changes nothing that counts. */
  readonly recall: number | null;
  /** matched / candidate; null when the candidate changes nothing that counts. */
  readonly precision: number | null;
  readonly matched: number;
  /** Changed lines that count. */
  readonly target: number;
  readonly candidate: number;
}

/** Multiset match of two lists of changes, each change written as one string. Linear. */
export function scoreChanges(target: readonly string[], candidate: readonly string[]): PatchScore {
  const open = new Map<string, number>();
  for (const change of target) open.set(change, (open.get(change) ?? 0) + 1);
  let matched = 0;
  for (const change of candidate) {
    const left = open.get(change) ?? 0;
    if (left === 0) continue;
    open.set(change, left - 1);
    matched++;
  }
  return {
    recall: target.length === 0 ? null : matched / target.length,
    precision: candidate.length === 0 ? null : matched / candidate.length,
    matched,
    target: target.length,
    candidate: candidate.length,
  };
}
