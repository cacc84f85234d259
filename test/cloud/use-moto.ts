import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll } from "vitest";
import { clientOf } from "./table.ts";
import { startMoto, type Moto, type MotoOptions } from "./moto.ts";

/** The first one on a machine installs moto. */
const START_MS = 300_000;

/** The moto of a test file, there in its tests and in the hooks that follow. */
export function useMoto(options: MotoOptions = {}): Pick<Moto, "endpoint" | "passQueueTime"> {
  let moto: Moto | undefined;
  beforeAll(async () => {
    moto = await startMoto(options);
  }, START_MS);
  afterAll(() => moto?.stop());
  return {
    get endpoint() {
      return moto!.endpoint;
    },
    passQueueTime: (ms) => moto!.passQueueTime(ms),
  };
}

/** A moto, and a client of its DynamoDB. */
export function useDynamo(): { readonly endpoint: string; readonly client: DynamoDBClient } {
  const moto = useMoto();
  let client: DynamoDBClient | undefined;
  beforeAll(() => {
    client = clientOf(moto.endpoint);
  });
  afterAll(() => client?.destroy());
  return {
    get endpoint() {
      return moto.endpoint;
    },
    get client() {
      return client!;
    },
  };
}
