import { describe, expect, test } from "vitest";
import { brokenRules } from "../../../microvm/rules.ts";
import { SETTINGS } from "../../../microvm/settings.ts";

/** The fake would be worth nothing if it let a bad request through. */
describe("the rules that the fake of the microVM API keeps", () => {
  const image = {
    name: "serac-run-1",
    baseImageArn: SETTINGS.baseImageArn,
    buildRoleArn: SETTINGS.buildRoleArn,
    codeArtifact: { uri: "s3://bucket/key.zip" },
    egressNetworkConnectors: SETTINGS.buildEgressConnectors,
    cpuConfigurations: [{ architecture: "ARM_64" }],
    resources: [{ minimumMemoryInMiB: 2048 }],
    additionalOsCapabilities: ["ALL"],
    logging: { cloudWatch: { logGroup: "group" } },
    hooks: {
      port: 9000,
      microvmImageHooks: { ready: "ENABLED", readyTimeoutInSeconds: 60 },
      microvmHooks: { run: "ENABLED", runTimeoutInSeconds: 30 },
    },
    tags: { "serac-directory": "runs/1" },
    clientToken: "token",
  };
  const run = {
    imageIdentifier: `${SETTINGS.imageArnPrefix}-run-1`,
    ingressNetworkConnectors: SETTINGS.ingressConnectors,
    egressNetworkConnectors: SETTINGS.egressConnectors,
    maximumDurationInSeconds: 1_200,
    runHookPayload: "{}",
    logging: { disabled: {} },
    clientToken: "token",
  };
  const token = { expirationInMinutes: 15, allowedPorts: [{ port: 8080 }] };

  test("let good requests through", () => {
    expect(brokenRules("CreateMicrovmImage", image)).toEqual([]);
    expect(brokenRules("RunMicrovm", run)).toEqual([]);
    expect(brokenRules("CreateMicrovmAuthToken", token)).toEqual([]);
    expect(brokenRules("TagResource", { Tags: { "serac-base-commit": "0".repeat(40) } })).toEqual([]);
  });

  test.each([
    ["CreateMicrovmImage", image, { name: "a b" }],
    ["CreateMicrovmImage", image, { egressNetworkConnectors: undefined }],
    ["CreateMicrovmImage", image, { codeArtifact: { uri: "https://x" } }],
    ["CreateMicrovmImage", image, { resources: [{ minimumMemoryInMiB: 3000 }] }],
    ["CreateMicrovmImage", image, { hooks: { port: 9000, microvmHooks: { run: "ENABLED", runTimeoutInSeconds: 30 } } }],
    ["CreateMicrovmImage", image, { hooks: { ...image.hooks, microvmHooks: { run: "ENABLED", runTimeoutInSeconds: 61 } } }],
    ["CreateMicrovmImage", image, { environmentVariables: { SECRET: "x" } }],
    ["CreateMicrovmImage", image, { logging: undefined }],
    ["CreateMicrovmImage", image, { tags: {} }],
    ["RunMicrovm", run, { imageIdentifier: "serac-run-1" }],
    ["RunMicrovm", run, { ingressNetworkConnectors: undefined }],
    ["RunMicrovm", run, { egressNetworkConnectors: [] }],
    ["RunMicrovm", run, { egressNetworkConnectors: SETTINGS.buildEgressConnectors }],
    [
      "RunMicrovm",
      run,
      { ingressNetworkConnectors: ["arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:SHELL_INGRESS"] },
    ],
    ["RunMicrovm", run, { executionRoleArn: "arn:aws:iam::111111111111:role/x" }],
    ["RunMicrovm", run, { idlePolicy: {} }],
    ["RunMicrovm", run, { maximumDurationInSeconds: undefined }],
    ["RunMicrovm", run, { maximumDurationInSeconds: 28_801 }],
    ["RunMicrovm", run, { runHookPayload: "x".repeat(4_097) }],
    ["RunMicrovm", run, { logging: undefined }],
    ["CreateMicrovmAuthToken", token, { allowedPorts: [{ allPorts: {} }] }],
    ["CreateMicrovmAuthToken", token, { allowedPorts: [{ port: 8080 }, { port: 9000 }] }],
    ["CreateMicrovmAuthToken", token, { expirationInMinutes: 60 }],
    ["TagResource", {}, { Tags: { a: "<" } }],
  ])("%s: none with %#", (operation, good, change) => {
    expect(brokenRules(operation, { ...good, ...change })).toHaveLength(1);
  });
});
