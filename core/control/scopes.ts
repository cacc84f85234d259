import type { ApiScope } from "./platform.ts";

/**
 * Scopes that hold others: whoever may start a run may start its training by the run's `train` section, and whoever may read a run sees its
 * model there. Keys of the time before models so need not be made anew.
 */
const INCLUDED: Partial<Record<ApiScope, readonly ApiScope[]>> = {
  "runs:read": ["models:read"],
  "runs:write": ["models:write"],
};

/** All that a key with these scopes may do. */
export const scopesIn = (held: readonly ApiScope[]): ReadonlySet<ApiScope> =>
  new Set(held.flatMap((scope) => [scope, ...(INCLUDED[scope] ?? [])]));
