import { beforeAll, describe, expect, it } from "vitest";
import { statementsOf } from "./policies.ts";
import { GATEWAY, synthesize, type Synthesized } from "./synthesis.ts";

let made: Synthesized;
beforeAll(() => {
  made = synthesize({ gateway: GATEWAY, email: "somebody@example.com" });
}, 60_000);

/** What a reviewer wants to see of a change: which resources there are under which ids, and who may do what. */
function outline(stack: string): string {
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

describe("the outline", () => {
  for (const stack of ["SeracData", "SeracSandbox", "SeracForge", "SeracApi", "SeracOps"])
    it(`of ${stack} is the one that was agreed on`, async () => {
      await expect(outline(stack)).toMatchFileSnapshot(`snapshots/${stack}.txt`);
    });
});
