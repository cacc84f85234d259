import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { once } from "./once.ts";

/**
 * Region, credentials and endpoints are the environment's, as the SDK reads it. Adaptive retries slow a client down that is throttled,
 * instead of having a thousand workers try again at once.
 */
const RETRIES = { retryMode: "adaptive", maxAttempts: 8 } as const;

export const dynamoClient = once(() => new DynamoDBClient(RETRIES));

export const s3Client = once(() => new S3Client(RETRIES));

/** The endpoint is the environment's, not the one in the addresses of the queues: only so does it work behind an endpoint of one's own. */
export const sqsClient = once(() => new SQSClient({ ...RETRIES, useQueueUrlAsEndpoint: false }));
