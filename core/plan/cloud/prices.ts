/**
 * What AWS asks on demand in us-east-1, in USD. Source: the AWS pricing pages of Lambda (functions and microVMs, arm64), SQS, DynamoDB
 * (on demand) and S3 (standard), read in November 2026. Other regions differ by some per cent; free tiers are left out.
 */
export const CLOUD_PRICES = {
  region: "us-east-1",
  date: "2026-11",
  source: "AWS price lists of Lambda, SQS, DynamoDB and S3",
  functionGbSecond: 0.000_013_333_4,
  functionRequest: 0.2 / 1e6,
  machineVcpuSecond: 0.000_027_694_4,
  machineGbSecond: 0.000_003_666_7,
  queueRequest: 0.4 / 1e6,
  tableWriteUnit: 0.625 / 1e6,
  tableReadUnit: 0.125 / 1e6,
  objectWrite: 5 / 1e6,
  objectRead: 0.4 / 1e6,
} as const;

/** A machine has a quarter of a CPU for each 512 MiB of its baseline (AWS, "MicroVM sizing"). */
export const VCPU_PER_GB = 0.5;
