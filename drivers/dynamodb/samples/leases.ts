import { ConflictError, InputError } from "../../../core/errors/index.ts";
import type { RunStore } from "../../../core/svg/store.ts";
import type { Context } from "../context.ts";
import { isThere, runKey, sampleKey } from "../keys.ts";
import type { Key } from "../table/operations.ts";

/** Each is one conditional write of the sample's or the run's item. The token stays when a lease ends, so that the next one is greater. */
export function leasesIn({ table, clock }: Context): Pick<RunStore, "acquireLease" | "renewLease" | "releaseLease"> {
  return {
    acquireLease: async (sampleId, owner, ttlMs) => {
      const now = clock.now();
      const expiresAtMs = now + ttlMs;
      const isFree = { anyOf: [{ absent: "owner" }, { equal: ["owner", owner] as const }, { atMost: ["expires", now] as const }] };
      const taken = await table.write({
        key: keyOf(sampleId),
        when: [isThere, isFree],
        set: { owner, expires: expiresAtMs },
        add: { token: 1 },
      });
      if (taken.ok) return { sampleId, owner, token: Number(taken.item["token"]), expiresAtMs };
      if (taken.item === null) throw new InputError("sample_unknown", `there is no sample or run ${sampleId}`);
      return null;
    },
    renewLease: async (lease, ttlMs) => {
      const expiresAtMs = clock.now() + ttlMs;
      const renewed = await table.write({ key: keyOf(lease.sampleId), when: isOurs(lease), set: { expires: expiresAtMs } });
      if (!renewed.ok) throw fenced(lease);
      return { ...lease, expiresAtMs };
    },
    releaseLease: async (lease) => {
      await table.write({ key: keyOf(lease.sampleId), when: isOurs(lease), remove: ["owner"] });
    },
  };
}

const keyOf = (id: string): Key => sampleKey(id) ?? runKey(id);

interface Held {
  readonly sampleId: string;
  readonly owner: string;
  readonly token: number;
}

export const isOurs = ({ owner, token }: Held) => [{ equal: ["owner", owner] as const }, { equal: ["token", token] as const }];

export const fenced = ({ sampleId, token }: Held): ConflictError =>
  new ConflictError("fenced", `the lease ${token} of sample ${sampleId} was taken over`);
