import { parsePatch } from "../patch/index.ts";
import { scoreChanges, type PatchScore } from "./score.ts";
import { seraChanges } from "./sera-rule.ts";
import { seracChanges } from "./serac-rule.ts";

export type { PatchScore } from "./score.ts";

export const RECALL_RULES = ["serac", "sera"] as const;
export type RecallRule = (typeof RECALL_RULES)[number];

/**
 * Soft verification: the share of the target's changed lines that the candidate repeats. An empty text is a patch that changes nothing.
 * Throws InputError("not_a_patch") under either rule, naming the line.
 */
export function scorePatches(target: string, candidate: string, rule: RecallRule): PatchScore {
  const targetFiles = parsePatch(target);
  const candidateFiles = parsePatch(candidate);
  if (rule === "sera") return scoreChanges(seraChanges(target), seraChanges(candidate));
  return scoreChanges(seracChanges(targetFiles, candidateFiles), seracChanges(candidateFiles, targetFiles));
}
