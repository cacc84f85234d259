import { afterEach, describe, expect, test } from "vitest";
import { HOOKS_PATH, startHooks, type GuestLife, type RunPayload } from "../../../drivers/microvm/guest/hooks.ts";

describe("the platform's hooks", () => {
  let stop: (() => void) | null = null;
  afterEach(() => {
    stop?.();
    stop = null;
  });

  async function hooks(life: Partial<GuestLife>): Promise<(name: string, body?: string, method?: string) => Promise<number>> {
    const whole: GuestLife = { prepared: () => "done", run: async () => undefined, terminate: async () => undefined, ...life };
    const { server, port } = await startHooks(whole, "127.0.0.1", 0);
    stop = () => void server.close();
    return async (name, body = "", method = "POST") =>
      (await fetch(`http://127.0.0.1:${port}${HOOKS_PATH}${name}`, { method, ...(method === "POST" && { body }) })).status;
  }
  const order = (payload: unknown): string => JSON.stringify({ microvmId: "microvm-1", runHookPayload: JSON.stringify(payload) });
  const secret = "s".repeat(64);

  test("say that the image is not ready, is, and cannot be", async () => {
    let state: "done" | "failed" | null = null;
    const hook = await hooks({ prepared: () => state });
    expect(await hook("ready")).toBe(503);
    state = "done";
    expect(await hook("ready")).toBe(200);
    state = "failed";
    expect(await hook("ready")).toBe(500);
  });

  test("hand the machine over once, and never while the repository's own commands run with the network", async () => {
    let state: "done" | null = null;
    const taken: RunPayload[] = [];
    const hook = await hooks({ prepared: () => state, run: async (payload) => void taken.push(payload) });
    expect(await hook("run", order({ secret: "evil".repeat(16) }))).toBe(409);
    state = "done";
    expect(await hook("run", order({ secret }))).toBe(200);
    expect(await hook("run", order({ secret: "evil".repeat(16) }))).toBe(409);
    expect(await hook("run", order({ secret }))).toBe(200);
    expect(taken).toEqual([{ secret }]);
  });

  test("take no other order", async () => {
    const taken: RunPayload[] = [];
    const hook = await hooks({ run: async (payload) => void taken.push(payload) });
    const bad = [
      "",
      "null",
      "{}",
      order({}),
      order({ secret: "short" }),
      order({ secret, more: 1 }),
      JSON.stringify({ runHookPayload: "{" }),
    ];
    for (const body of bad) expect(await hook("run", body), body).toBe(400);
    expect(await hook("run", "x".repeat(100_000))).toBe(500);
    expect(await hook("suspend")).toBe(404);
    expect(await hook("ready", "", "GET")).toBe(404);
    expect(taken).toEqual([]);
    expect(await hook("run", order({ secret }))).toBe(200);
  });

  test("say when the machine cannot serve, and let it end", async () => {
    let hasEnded = false;
    const hook = await hooks({
      run: async () => {
        throw new Error("no room");
      },
      terminate: async () => void (hasEnded = true),
    });
    expect(await hook("run", order({ secret }))).toBe(500);
    expect(await hook("terminate")).toBe(200);
    expect(hasEnded).toBe(true);
  });
});
