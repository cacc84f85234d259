import { createS3Journal } from "../../../drivers/s3/index.ts";
import { newBucket } from "../../cloud/bucket.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { journalContract } from "./journal-contract.ts";

const moto = useMoto();

journalContract("s3", async () => {
  const { client, bucket } = await newBucket(moto.endpoint);
  return { journal: createS3Journal({ client, bucket }), close: async () => client.destroy() };
});
