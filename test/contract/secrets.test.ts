import { CreateSecretCommand, DeleteSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { inspect } from "node:util";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createSecrets } from "../../drivers/secrets/index.ts";
import { injectFaults, inTurn, lostAnswer, neverSent, refusedInJson } from "../cloud/faults.ts";
import { emulated } from "../cloud/moto.ts";
import { useMoto } from "../cloud/use-moto.ts";
import { manualClock, type ManualClock } from "./store/manual-clock.ts";

const moto = useMoto();
let client: SecretsManagerClient;
let clock: ManualClock;
let calls: number;
beforeAll(async () => {
  const made = new SecretsManagerClient(emulated(moto.endpoint));
  await made.send(new CreateSecretCommand({ Name: "serac/teacher", SecretString: "sk-one" }));
  await made.send(new CreateSecretCommand({ Name: "serac/json", SecretString: JSON.stringify({ apiKey: "sk-json" }) }));
  await made.send(new CreateSecretCommand({ Name: "serac/odd", SecretString: JSON.stringify({ password: "hunter2" }) }));
  await made.send(new CreateSecretCommand({ Name: "serac/bytes", SecretBinary: Buffer.from("sk-bytes") }));
  await made.send(new CreateSecretCommand({ Name: "serac/gone", SecretString: "sk-gone" }));
  await made.send(new DeleteSecretCommand({ SecretId: "serac/gone" }));
});
beforeEach(() => {
  client = new SecretsManagerClient(emulated(moto.endpoint));
  clock = manualClock();
  calls = 0;
  injectFaults(client, () => {
    calls += 1;
    return null;
  });
});

test("a secret is read as text or as JSON, once in five minutes", async () => {
  const secrets = createSecrets({ client, clock });
  expect(await Promise.all([secrets.read("serac/teacher"), secrets.read("serac/teacher")])).toEqual(["sk-one", "sk-one"]);
  expect(await secrets.read("serac/json")).toBe("sk-json");
  expect(calls).toBe(2);
  await client.send(new PutSecretValueCommand({ SecretId: "serac/teacher", SecretString: "sk-two" }));
  clock.advance(5 * 60_000 - 1);
  expect(await secrets.read("serac/teacher")).toBe("sk-one");
  clock.advance(1);
  expect(await secrets.read("serac/teacher")).toBe("sk-two");
});

test.each([
  ["serac/nothing", "There is no secret serac/nothing."],
  ["serac/gone", "There is no secret serac/gone."],
  ["serac/odd", "The secret serac/odd holds no key."],
  ["serac/bytes", "The secret serac/bytes holds no key."],
  ["", '"" cannot be the name of a secret.'],
  ["serac/a b", '"serac/a b" cannot be the name of a secret.'],
])("%j is a clear error, which holds no secret and is not kept", async (name, message) => {
  const secrets = createSecrets({ client, clock });
  const error: unknown = await secrets.read(name).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "InputError", code: "secret_missing", message, hint: expect.any(String) });
  expect(inspect(error, { depth: 10 })).not.toContain("hunter2");
  const before = calls;
  await expect(secrets.read(name)).rejects.toMatchObject({ code: "secret_missing" });
  expect(calls - before).toBe(before);
});

test("a refusal names the secret and the permission", async () => {
  injectFaults(client, () => refusedInJson(400, "AccessDeniedException"));
  await expect(createSecrets({ client, clock }).read("serac/teacher")).rejects.toMatchObject({
    code: "cloud_denied",
    message: expect.stringMatching(/secretsmanager:GetSecretValue on the secret serac\/teacher/),
    hint: expect.stringContaining("secretsmanager:GetSecretValue"),
  });
});

test("a busy service, and one that stays busy", async () => {
  injectFaults(client, inTurn([refusedInJson(400, "ThrottlingException"), neverSent]));
  expect(await createSecrets({ client, clock }).read("serac/teacher")).toMatch(/^sk-/);
  injectFaults(client, inTurn([lostAnswer, refusedInJson(500, "InternalServiceError")]));
  expect(await createSecrets({ client, clock }).read("serac/json")).toBe("sk-json");
  injectFaults(client, () => refusedInJson(400, "ThrottlingException"));
  await expect(createSecrets({ client, clock }).read("serac/teacher")).rejects.toMatchObject({ code: "cloud_throttled" });
});
