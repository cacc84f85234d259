import { afterAll, beforeAll } from "vitest";
import { createS3Journal } from "../../../drivers/s3/index.ts";
import { newBucket } from "../../cloud/bucket.ts";
import { MOTO_START_MS, startMoto, type Moto } from "../../cloud/moto.ts";
import { journalContract } from "./journal-contract.ts";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
}, MOTO_START_MS);
afterAll(() => moto.stop());

journalContract("s3", async () => {
  const { client, bucket } = await newBucket(moto.endpoint);
  return { journal: createS3Journal({ client, bucket }), close: async () => client.destroy() };
});
