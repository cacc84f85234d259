import { systemClock } from "../../core/errors/clock.ts";
import type { GatewayDeps, GatewayLimits } from "../../core/gateway/deps.ts";
import { createDynamoKeyRing, createDynamoLimiter } from "../../drivers/dynamodb/index.ts";
import { createUpstream } from "../../drivers/upstream/index.ts";
import { gatewayEnvironment } from "../environment.ts";
import { createSecretEndpoint } from "../gateway/endpoint.ts";
import { servedModelOf } from "../gateway/served.ts";
import { dynamoClient } from "./clients.ts";
import { readSecret } from "./secrets.ts";

/** What the front lets through: requests of 6 MB to a function, answers of 15 minutes (AWS, "Lambda quotas", "API Gateway quotas"). */
const LIMITS: GatewayLimits = {
  maxBodyBytes: 6_000_000,
  headersMs: 600_000,
  silenceMs: 600_000,
  totalMs: 14 * 60_000,
  pingMs: 15_000,
};

export function openGatewayDeps(env: Readonly<Record<string, string | undefined>>): Omit<GatewayDeps, "onRequest" | "onDefect"> {
  const { table, settings } = gatewayEnvironment(env);
  const store = { client: dynamoClient(), tableName: table };
  return {
    upstream: createUpstream(),
    models: settings.models.map((served) => {
      const { keySecret } = served;
      return {
        model: servedModelOf(served),
        endpoint: createSecretEndpoint({
          rootUrl: served.url.replace(/\/+$/, ""),
          readKey: keySecret === undefined ? null : () => readSecret(keySecret),
        }),
      };
    }),
    keys: createDynamoKeyRing(store),
    limiter: createDynamoLimiter({ ...store, clock: systemClock }),
    clock: systemClock,
    limits: LIMITS,
    // The vocabulary would take a quarter of the memory; where the model server does not count, clients estimate for themselves.
    countTokens: null,
    capture: null,
  };
}
