import { expect, test } from "vitest";
import { COUNTED } from "../../core/plan/cloud/counted.ts";
import { newBucket } from "../cloud/bucket.ts";
import { newQueues } from "../cloud/queues.ts";
import { useMoto } from "../cloud/use-moto.ts";
import { countRequests } from "../costs/count.ts";

const moto = useMoto();

/** When this fails after a change that was meant, its counts go into core/plan/cloud/counted.ts, and the estimate is right again. */
test("the requests that estimates rest on are those that the code makes", { timeout: 300_000 }, async () => {
  const counted = await countRequests({ s3: await newBucket(moto.endpoint), sqs: await newQueues(moto.endpoint) });
  expect(counted).toEqual(COUNTED);
});
