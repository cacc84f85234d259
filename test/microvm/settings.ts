import type { MicrovmSettingsInput } from "../../core/config/cloud/microvm.ts";

/** As the sandbox stack would write them. */
export const SETTINGS = {
  imageArnPrefix: "arn:aws:lambda:us-east-1:111111111111:microvm-image:serac",
  baseImageArn: "arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1",
  baseContainer: "node:24-bookworm-slim",
  buildRoleArn: "arn:aws:iam::111111111111:role/serac-build",
  logGroup: "/aws/lambda-microvms/serac",
  buildEgressConnectors: ["arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS"],
  ingressConnectors: ["arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:HTTP_INGRESS"],
  egressConnectors: ["arn:aws:lambda:us-east-1:111111111111:network-connector:nc-isolated"],
} satisfies MicrovmSettingsInput;
