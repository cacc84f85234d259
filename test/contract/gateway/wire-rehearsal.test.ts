import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ProfileName } from "../../../core/gateway/served-model.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { createWireClient } from "../../upstream/client.ts";
import type { TestGateway } from "../../upstream/gateway.ts";
import { startGateway } from "../../upstream/gateway.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function stage(profile: ProfileName, contextTokens?: number): Promise<{ gateway: TestGateway; folder: string }> {
  const rehearsal = await startRehearsalTeacher({ seed: 1, ...(contextTokens === undefined ? {} : { contextTokens }) });
  closing.push(() => rehearsal.close());
  const gateway = await startGateway({
    upstreamUrl: rehearsal.url.replace(/\/v1$/, ""),
    model: { name: "student-32b", upstreamName: rehearsal.model, profile },
  });
  closing.push(() => gateway.close());
  const folder = temporaryFolder();
  closing.push(() => removeFolder(folder));
  await writeFile(join(folder, "cart.py"), "def total(prices):\n    return sum(prices)\n");
  return { gateway, folder };
}

describe.each<ProfileName>(["swe-agent", "native"])("the rehearsal teacher behind the gateway, profile %s", (profile) => {
  it("looks, changes one comment where it is asked to, answers what is asked next, and says what it is", async () => {
    const { gateway, folder } = await stage(profile);
    const client = createWireClient({ gatewayUrl: gateway.url, folder });
    const first = await client.say("What is in this project?");
    expect(first).toContain('You wrote: "What is in this project?". I read cart.py. I changed nothing.');
    expect(await client.say("Please fix `total` in cart.py for empty lists.")).toContain("I added one comment at the end of cart.py");
    expect(await client.say("What did you do?")).toContain('You wrote: "What did you do?".');
    expect(await readFile(join(folder, "cart.py"), "utf8")).toMatch(
      /^def total\(prices\):\n {4}return sum\(prices\)\n# Rehearsal: asked for here: Please fix total in cart\.py for empty lists\.\n$/,
    );
    const words = JSON.stringify(client.messages);
    expect(words).toContain("a script that stands in for a model");
    expect(gateway.defects).toEqual([]);
  });

  it("counts tokens and answers requests without tools", async () => {
    const { gateway } = await stage(profile);
    const client = gateway.anthropic();
    const ask = { model: "student-32b", max_tokens: 500, messages: [{ role: "user" as const, content: "Add a discount to the cart" }] };
    const { input_tokens: counted } = await client.messages.countTokens({ model: ask.model, messages: ask.messages });
    const titled = await client.messages.create({ ...ask, system: "Give a short title for this session." });
    expect(titled.content).toMatchObject([{ type: "text", text: "Rehearsal: Add a discount to the" }]);
    expect(counted).toBeGreaterThan(5);
    expect((await client.messages.create(ask)).content).toMatchObject([{ type: "text" }]);
  });

  it("refuses a prompt that is too long the way that makes a client compact", async () => {
    const { gateway } = await stage(profile, 300);
    const response = await gateway.post("/v1/messages", {
      model: "m",
      max_tokens: 100,
      messages: [{ role: "user", content: "word ".repeat(2000) }],
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/^prompt is too long: \d+ tokens > \d+ maximum$/) } },
    ]);
  });
});
