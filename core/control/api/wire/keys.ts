import * as z from "zod";
import { API_SCOPES } from "../../platform.ts";
import { strict, textLike, timestamp } from "./fields.ts";

const scope = z.enum(API_SCOPES);
const scopes = z.array(scope).readonly();

export const newKeyBody = strict({
  name: textLike(/^[^\p{Cc}\p{Cs}]{1,80}$/u, "1 to 80 characters").meta({ description: "For people." }),
  scopes: z.array(scope).min(1).max(API_SCOPES.length).readonly().meta({ description: "No more than the asking key has." }),
}).meta({ id: "NewKey", example: { name: "ci", scopes: ["runs:read", "runs:write"] } });

const keyFields = { id: z.string().meta({ example: "key_4fGh2kLmN8pQ" }), name: z.string(), scopes, createdAt: timestamp };

export const meSchema = z.object(keyFields).meta({ id: "Me", description: "The key that asks." });
export const keySchema = z.object({ ...keyFields, isRevoked: z.boolean() }).meta({ id: "Key" });
export const createdKeySchema = z
  .object({ ...keyFields, isRevoked: z.boolean(), key: z.string().meta({ description: "Shown this once." }) })
  .meta({ id: "CreatedKey" });
export const keyListSchema = z.object({ keys: z.array(keySchema).readonly() }).meta({ id: "KeyList" });
