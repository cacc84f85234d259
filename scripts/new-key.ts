import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { newApiKey } from "../core/control/keys.ts";
import { API_SCOPES } from "../core/control/platform.ts";
import { InputError, SeracError } from "../core/errors/index.ts";
import { systemClock } from "../core/errors/clock.ts";
import { createDynamoKeyRing, createDynamoStore } from "../drivers/dynamodb/index.ts";

/**
 * The first key of a deployment, which no API can give: made with AWS credentials, printed once, kept as its hash.
 *   npm run -s new-key -- --table SeracData-State… [--name me] [--for api|gateway]
 */

const HINT = "npm run -s new-key -- --table <StateTable of the stack SeracData> [--name me] [--for api|gateway]";
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}$/;

function readFlags(): { readonly table: string; readonly name: string; readonly isForGateway: boolean } {
  try {
    const options = {
      table: { type: "string" },
      name: { type: "string", default: "first" },
      for: { type: "string", default: "api" },
    } as const;
    const { table, name, for: purpose } = parseArgs({ options }).values;
    if (table === undefined) throw new Error("--table is missing");
    if (!NAME.test(name)) throw new Error("--name: allowed are up to 64 letters, digits, blanks and ._@-");
    if (purpose !== "api" && purpose !== "gateway") throw new Error(`--for: found "${purpose}"; allowed: api, gateway`);
    return { table, name, isForGateway: purpose === "gateway" };
  } catch (cause) {
    throw new InputError("usage", cause instanceof Error ? cause.message : String(cause), { hint: HINT, cause });
  }
}

async function main(): Promise<void> {
  const { table: tableName, name, isForGateway } = readFlags();
  const client = new DynamoDBClient({ maxAttempts: 4 });
  const { key, record } = newApiKey(name, API_SCOPES, systemClock.now());
  if (isForGateway) {
    const { id, sha256 } = record;
    const limits = { requestsPerMinute: null, tokensPerMinute: null };
    await createDynamoKeyRing({ client, tableName }).put({ id, sha256, isRevoked: false, ...limits, capture: false });
  } else await createDynamoStore({ client, tableName, clock: systemClock }).addKey(record);
  process.stderr.write(`${record.id}, for the ${isForGateway ? "gateway" : "control API"}. The key is shown this once:\n`);
  process.stdout.write(`${key}\n`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SeracError)) throw error;
  process.stderr.write(`${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
