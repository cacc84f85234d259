import { createControlClient, type ControlClient } from "../../../drivers/control-client/index.ts";
import { createDynamoStore } from "../../../drivers/dynamodb/index.ts";
import { newApiKey } from "../../../core/control/keys.ts";
import { systemClock } from "../../../core/errors/clock.ts";
import type { RunStore } from "../../../core/svg/store.ts";
import { PRICE, TEACHER_SECRET, type Cloud } from "./cloud.ts";

/** What the operator of the account sees. */
export const storeOf = ({ clients, names }: Cloud): ReturnType<typeof createDynamoStore> =>
  createDynamoStore({ client: clients.dynamo, tableName: names.table, clock: systemClock });

/** serac.yaml, which may be JSON. */
export const configFor = (teacherUrl: string, more: object = {}) => ({
  teacher: { baseUrl: teacherUrl, model: "rehearsal", apiKeySecret: TEACHER_SECRET, price: PRICE, concurrency: 4 },
  plan: { samples: 4 },
  rollout: { maxCalls: 30 },
  ...more,
});

/** The deployed control API, with a new key. ministack answers for API Gateway below a path. */
export async function openApi(cloud: Cloud): Promise<ControlClient> {
  const { url, key } = await apiOf(cloud);
  return createControlClient({ url, apiKey: key, keySource: "the test", version: "0.0.0-test", clock: systemClock });
}

/** Where the API is, and a new key for it. */
export async function apiOf(cloud: Cloud): Promise<{ readonly url: string; readonly key: string }> {
  const { key, record } = newApiKey("tests", ["runs:read", "runs:write", "models:read", "models:write"], Date.now());
  await storeOf(cloud).addKey(record);
  const [, id] = /^https:\/\/([^.]+)\./.exec(cloud.api["ApiUrl"]!) ?? [];
  return { url: `${cloud.ministack.endpoint}/restapis/${id}/serac/_user_request_`, key };
}

/** Every sample of the run with the state it ended in. */
export const samplesOf = (store: RunStore, runId: string) => store.listSamples(runId, { limit: 1000 });
