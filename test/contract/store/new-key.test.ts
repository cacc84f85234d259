import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { findApiKey } from "../../../core/control/keys.ts";
import { API_SCOPES } from "../../../core/control/platform.ts";
import { systemClock } from "../../../core/errors/clock.ts";
import { createDynamoKeyRing, createDynamoStore } from "../../../drivers/dynamodb/index.ts";
import { useDynamo } from "../../cloud/use-moto.ts";
import { newTable } from "../../cloud/table.ts";

const script = fileURLToPath(new URL("../../../scripts/new-key.ts", import.meta.url));
const dynamo = useDynamo();
let tableName: string;
beforeAll(async () => {
  tableName = await newTable(dynamo.client);
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

function run(...flags: string[]): Promise<Ran> {
  const env = { AWS_ENDPOINT_URL: dynamo.endpoint, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const { promise, resolve } = Promise.withResolvers<Ran>();
  execFile(process.execPath, [script, ...flags], { env }, (error, out, said) => {
    resolve({ code: typeof error?.code === "number" ? error.code : 0, out, said });
  });
  return promise;
}

describe("the first key", () => {
  it("opens the control API with every scope, and is kept as its hash alone", async () => {
    const { code, out, said } = await run("--table", tableName, "--name", "me");
    expect(code).toBe(0);
    const key = out.trim();
    expect(key).toMatch(/^sk-serac-[\w-]{43}$/);
    expect(said).toMatch(/^key_\w+, for the control API/);
    const store = createDynamoStore({ client: dynamo.client, tableName, clock: systemClock });
    expect(await findApiKey(store, key)).toMatchObject({ name: "me", scopes: API_SCOPES, isRevoked: false });
    expect(JSON.stringify(await store.listKeys())).not.toContain(key);
  });

  it("opens the gateway, and not the control API", async () => {
    const { code, out } = await run("--table", tableName, "--for", "gateway");
    expect(code).toBe(0);
    expect(await createDynamoKeyRing({ client: dynamo.client, tableName }).find(out.trim())).toMatchObject({
      isRevoked: false,
      capture: false,
    });
    expect(await findApiKey(createDynamoStore({ client: dynamo.client, tableName, clock: systemClock }), out.trim())).toBeNull();
  });

  it.each([
    [[], "--table is missing"],
    [["--table", "x", "--for", "me"], '--for: found "me"; allowed: api, gateway'],
    [["--table", "x", "--name", "\n"], "--name: allowed are"],
    [["--tabel", "x"], "Unknown option '--tabel'"],
  ])("is not made of %j", async (flags, message) => {
    const { code, out, said } = await run(...flags);
    expect([code, out]).toEqual([2, ""]);
    expect(said).toContain(message);
    expect(said).toContain("npm run -s new-key -- --table");
  });

  it("is not made where there is no such table", async () => {
    const { code, out, said } = await run("--table", "another");
    expect([code, out]).toEqual([1, ""]);
    expect(said).not.toMatch(/^\s+at /m);
  });
});
