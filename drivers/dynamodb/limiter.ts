import { TABLE } from "../../core/config/cloud/names.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { KeyRecord } from "../../core/gateway/keys.ts";
import type { Limiter } from "../../core/gateway/limits.ts";
import { gatewayUseKey } from "./keys.ts";
import type { Condition } from "./table/operations.ts";
import type { PatientTable } from "./table/patient-table.ts";

const MINUTE_MS = 60_000;
/** Time for the last answers of a minute to be counted. */
const KEPT_SECONDS = 3600;

/** Fixed minutes, one item for each minute of a key, counted for all functions together. Keys without limits are not counted. */
export function limiterIn(table: PatientTable, clock: Clock): Limiter {
  const now = () => {
    const ms = clock.now();
    const minute = Math.floor(ms / MINUTE_MS);
    return { minute, leftSeconds: Math.ceil(((minute + 1) * MINUTE_MS - ms) / 1000), ttl: Math.floor(ms / 1000) + KEPT_SECONDS };
  };

  return {
    admit: async (key) => {
      if (isUnlimited(key)) return "admitted";
      const { minute, leftSeconds, ttl } = now();
      const { ok } = await table.write({
        key: gatewayUseKey(key.id, minute),
        when: [...room("requests", key.requestsPerMinute), ...room("tokens", key.tokensPerMinute)],
        set: { [TABLE.timeToLive]: ttl },
        add: { requests: 1 },
      });
      return ok ? "admitted" : { retryAfterSeconds: Math.max(1, leftSeconds) };
    },
    use: async (key, tokens) => {
      if (isUnlimited(key)) return;
      const { minute, ttl } = now();
      await table.write({ key: gatewayUseKey(key.id, minute), set: { [TABLE.timeToLive]: ttl }, add: { tokens } });
    },
  };
}

const isUnlimited = ({ requestsPerMinute, tokensPerMinute }: KeyRecord): boolean => requestsPerMinute === null && tokensPerMinute === null;

/** The last answer may overdraw: its size is known when it is over. */
function room(counter: string, perMinute: number | null): readonly Condition[] {
  if (perMinute === null) return [];
  const isBelow: Condition = { below: [counter, perMinute] };
  return [perMinute > 0 ? { anyOf: [{ absent: counter }, isBelow] } : isBelow];
}
