import type { MiddlewareHandler } from "hono";
import { findApiKey, KEY_PREFIX } from "../keys.ts";
import type { ApiKeyRecord, ApiKeyStore, ApiScope } from "../platform.ts";
import { scopesIn } from "../scopes.ts";
import type { ControlDeps, ControlEnv } from "./deps.ts";
import { ApiProblem } from "./problem.ts";

/** For a route that takes a key, sent either way: what it does and what its description says, so that neither is without the other. */
export const keyed = (deps: ControlDeps, scope: ApiScope | null) => ({
  security: [{ bearer: [] }, { header: [] }] as Record<string, string[]>[],
  middleware: requires(deps, scope),
});

/** Before anything of the request is read: 401 without a valid key, 403 without the scope. */
function requires({ platform }: ControlDeps, scope: ApiScope | null): MiddlewareHandler<ControlEnv> {
  return async (context, next) => {
    const record = await authenticated(platform.keys, context.req.raw.headers);
    if (scope !== null && !scopesIn(record.scopes).has(scope)) {
      throw new ApiProblem(
        403,
        "scope_missing",
        `This needs a key with the scope ${scope}; the key ${record.id} has ${record.scopes.join(", ")}.`,
      );
    }
    context.set("key", record);
    await next();
  };
}

async function authenticated(store: ApiKeyStore, headers: Headers): Promise<ApiKeyRecord> {
  const key = keyOf(headers);
  if (key === null) throw refused("This API wants a key: authorization: Bearer sk-serac-…, or x-api-key.");
  const record = SHAPE.test(key) ? await findApiKey(store, key) : null;
  if (record === null) throw refused("This key is not known here.");
  if (record.isRevoked) throw refused("This key has been revoked.");
  return record;
}

const SHAPE = new RegExp(`^${KEY_PREFIX}[A-Za-z0-9_-]{43}$`);

function keyOf(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "");
  return bearer?.[1] ?? headers.get("x-api-key");
}

const refused = (detail: string): ApiProblem =>
  new ApiProblem(401, "key_refused", detail, { headers: { "www-authenticate": 'Bearer realm="serac"' } });
