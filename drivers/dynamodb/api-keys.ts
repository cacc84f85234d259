import { API_SCOPES, type ApiKeyRecord, type ApiKeyStore } from "../../core/control/platform.ts";
import { ConflictError } from "../../core/errors/index.ts";
import { type Context, isStampedBy } from "./context.ts";
import { apiKeyIdKey, apiKeyKey, isNew, isThere, listed, LISTS } from "./keys.ts";
import { type Item, MAX_TRANSACTION_ITEMS } from "./table/operations.ts";

/** By hash, which is how a presented key is looked up; a second item leads from the id to the hash. */
export function apiKeysIn({ table, newStamp }: Context): ApiKeyStore {
  return {
    findKey: async (sha256) => recordOf(await table.get(apiKeyKey(sha256))),
    addKey: async ({ id, name, sha256, scopes, createdAt, isRevoked }) => {
      const stamp = newStamp();
      const place = listed(LISTS.apiKeys, createdAt, id);
      const key = { id, name, sha256, scopes: scopes.join(" "), created_at: createdAt, is_revoked: isRevoked, stamp, ...place };
      const added = await table.transact(() => [
        { key: apiKeyKey(sha256), when: [isNew], set: key },
        { key: apiKeyIdKey(id), when: [isNew], set: { sha256, stamp } },
      ]);
      if (added.ok || isStampedBy(added.refused.get(0), stamp)) return;
      throw new ConflictError("state_conflict", `a key ${id} exists already`);
    },
    listKeys: async () => {
      const keys = await table.list({ list: LISTS.apiKeys });
      const records: ApiKeyRecord[] = [];
      for (let at = 0; at < keys.length; at += MAX_TRANSACTION_ITEMS) {
        const items = await table.getAll(keys.slice(at, at + MAX_TRANSACTION_ITEMS));
        records.push(...items.flatMap((item) => recordOf(item) ?? []));
      }
      return records;
    },
    revokeKey: async (id) => {
      const known = await table.get(apiKeyIdKey(id));
      if (known === null) return false;
      return (await table.write({ key: apiKeyKey(String(known["sha256"])), when: [isThere], set: { is_revoked: true } })).ok;
    },
  };
}

function recordOf(item: Item | null): ApiKeyRecord | null {
  if (item === null) return null;
  const text = (name: string): string => String(item[name] ?? "");
  const scopes = text("scopes").split(" ");
  return {
    id: text("id"),
    name: text("name"),
    sha256: text("sha256"),
    scopes: API_SCOPES.filter((scope) => scopes.includes(scope)),
    createdAt: text("created_at"),
    isRevoked: item["is_revoked"] === true,
  };
}
