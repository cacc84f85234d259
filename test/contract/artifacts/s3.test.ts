import { createS3Artifacts } from "../../../drivers/s3/index.ts";
import { newBucket } from "../../cloud/bucket.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { artifactStoreContract } from "./artifact-store-contract.ts";

const moto = useMoto();

artifactStoreContract("s3", async () => {
  const { client, bucket } = await newBucket(moto.endpoint);
  return { artifacts: createS3Artifacts({ client, bucket }), close: async () => client.destroy() };
});
