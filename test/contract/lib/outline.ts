import { statementsOf } from "./policies.ts";
import type { Synthesized } from "./synthesis.ts";

/** What a reviewer wants to see of a change: which resources there are under which ids, and who may do what. */
export function outlineOf(made: Synthesized, stack: string): string {
  const resources = made.resources(stack);
  const ids = Object.entries(resources).map(([id, { Type, DeletionPolicy }]) =>
    [Type.replace(/^AWS::/, ""), id, DeletionPolicy === "Retain" ? "(stays)" : ""].join(" ").trim(),
  );
  const allowed = statementsOf(resources).flatMap(({ role, effect, actions, resources: on, conditions }) => [
    `${role} ${effect} ${actions.join(" ")}`,
    ...on.map((resource) => `  on ${resource}`),
    ...(conditions === null ? [] : [`  if ${JSON.stringify(conditions)}`]),
  ]);
  // API Gateway's deployments carry a hash of what they deploy.
  const text = [...ids.toSorted(), "", ...allowed].join("\n").replaceAll(/(Deployment[0-9A-F]{8})[0-9a-f]{32}/g, "$1…");
  return `${text.trim()}\n`;
}
