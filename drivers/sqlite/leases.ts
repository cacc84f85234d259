import type { Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError } from "../../core/errors/index.ts";
import type { RunStore } from "../../core/svg/store.ts";
import type { Connection } from "./connection.ts";
import type { Home } from "./home.ts";

type Leases = Pick<RunStore, "acquireLease" | "renewLease" | "releaseLease">;

/** A row stays when its lease ends, without an owner, so that the next token is greater than every earlier one. */
export function leasesIn({ db, run }: Connection, clock: Clock): Leases & Pick<Home, "revokeLeases"> {
  const acquire = db.prepare(`
    INSERT INTO leases (sample_id, owner, token, expires_at)
    SELECT :sample, :owner, 1, :expires
    WHERE EXISTS (SELECT 1 FROM samples WHERE id = :sample) OR EXISTS (SELECT 1 FROM runs WHERE id = :sample)
    ON CONFLICT DO UPDATE SET owner = excluded.owner, token = token + 1, expires_at = excluded.expires_at
    WHERE owner IS NULL OR owner = excluded.owner OR expires_at <= :now
    RETURNING token`);
  const exists = db.prepare("SELECT 1 FROM leases WHERE sample_id = ?");
  const renew = db.prepare("UPDATE leases SET expires_at = ? WHERE sample_id = ? AND token = ? AND owner = ?");
  const release = db.prepare("UPDATE leases SET owner = NULL WHERE sample_id = ? AND token = ? AND owner = ?");
  const revoke = db.prepare("UPDATE leases SET owner = NULL WHERE owner = ?");

  return {
    acquireLease: async (sampleId, owner, ttlMs) =>
      run(() => {
        const now = clock.now();
        const expiresAtMs = now + ttlMs;
        const row = acquire.get({ sample: sampleId, owner, expires: expiresAtMs, now });
        if (row !== undefined) return { sampleId, owner, token: Number(row["token"]), expiresAtMs };
        if (exists.get(sampleId) === undefined)
          throw new InputError("sample_unknown", `there is no sample or run ${sampleId} in this home`);
        return null;
      }),
    renewLease: async (lease, ttlMs) =>
      run(() => {
        const expiresAtMs = clock.now() + ttlMs;
        const { changes } = renew.run(expiresAtMs, lease.sampleId, lease.token, lease.owner);
        if (changes === 0) throw new ConflictError("fenced", `the lease ${lease.token} of sample ${lease.sampleId} was taken over`);
        return { ...lease, expiresAtMs };
      }),
    revokeLeases: async (owner) => {
      run(() => revoke.run(owner));
    },
    releaseLease: async (lease) => {
      run(() => release.run(lease.sampleId, lease.token, lease.owner));
    },
  };
}
