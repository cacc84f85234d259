import { afterAll, beforeAll } from "vitest";
import { createS3Artifacts } from "../../../drivers/s3/index.ts";
import { newBucket } from "../../cloud/bucket.ts";
import { MOTO_START_MS, startMoto, type Moto } from "../../cloud/moto.ts";
import { artifactStoreContract } from "./artifact-store-contract.ts";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
}, MOTO_START_MS);
afterAll(() => moto.stop());

artifactStoreContract("s3", async () => {
  const { client, bucket } = await newBucket(moto.endpoint);
  return { artifacts: createS3Artifacts({ client, bucket }), close: async () => client.destroy() };
});
