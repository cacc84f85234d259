import type { SeracConfig } from "../config/schema.ts";
import type { SourceFunction } from "../survey/function.ts";
import { allKinds } from "./kinds.ts";

const ANYWHERE =
  "The cause may be right there, upstream in the code that calls it or hands it its data, or downstream in the code that it relies on.";

/** What the first rollout is told: the kind's suspicion about this function, and that the cause may lie elsewhere. */
export function complaintFor(kindId: string, fn: Pick<SourceFunction, "name" | "path">, plan: Pick<SeracConfig["plan"], "kinds">): string {
  const kind = allKinds(plan).find((candidate) => candidate.id === kindId);
  if (kind === undefined) throw new Error(`No bug kind is called ${JSON.stringify(kindId)}.`);
  // One pass: a name from the repository may itself look like a placeholder.
  const text = kind.text.replaceAll(/\{(function|path)\}/g, (_whole, place: string) => (place === "function" ? fn.name : fn.path));
  return `${text} ${ANYWHERE}`;
}
