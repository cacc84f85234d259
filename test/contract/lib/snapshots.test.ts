import { beforeAll, describe, expect, it } from "vitest";
import { outlineOf } from "./outline.ts";
import { GATEWAY, TRAINING, synthesize, type Synthesized } from "./synthesis.ts";

let made: Synthesized;
beforeAll(() => {
  made = synthesize({ gateway: GATEWAY, training: TRAINING, email: "somebody@example.com" });
}, 180_000);

describe("the outline", () => {
  for (const stack of ["SeracData", "SeracSandbox", "SeracTraining", "SeracForge", "SeracApi", "SeracOps"])
    it(`of ${stack} is the one that was agreed on`, async () => {
      await expect(outlineOf(made, stack)).toMatchFileSnapshot(`snapshots/${stack}.txt`);
    });
});
