import { describe, expect, test } from "vitest";
import { readMicrovmSettings } from "../../../../core/config/cloud/microvm.ts";
import { SETTINGS } from "../../../microvm/settings.ts";

describe("the settings of the microVM sandbox", () => {
  test("have defaults for what a deployment need not say", () => {
    expect(readMicrovmSettings(JSON.stringify(SETTINGS))).toMatchObject({
      maximumDurationSeconds: 1_200,
      memoryMib: 2048,
      archivePrefix: "sandbox-images/",
    });
  });

  const managed = (name: string): readonly string[] => [`arn:aws:lambda:us-east-1:aws:network-connector:aws-network-connector:${name}`];
  test.each([
    ["imageArnPrefix", "serac"],
    ["imageArnPrefix", "arn:aws:lambda:us-east-1:111111111111:microvm-image:"],
    ["ingressConnectors", []],
    ["ingressConnectors", managed("SHELL_INGRESS")],
    ["egressConnectors", managed("INTERNET_EGRESS")],
    ["egressConnectors", undefined],
    ["buildEgressConnectors", ["nc-1"]],
    ["maximumDurationSeconds", 28_801],
    ["memoryMib", 3_000],
    ["baseContainer", "node 24"],
    ["archivePrefix", "../x/"],
    ["unknown", 1],
  ])("refuse %s = %j, by name", (key, value) => {
    const read = (): unknown => readMicrovmSettings(JSON.stringify({ ...SETTINGS, [key]: value }));
    expect(read).toThrow(expect.objectContaining({ name: "InputError", code: "config_invalid", message: expect.stringContaining(key) }));
  });

  test("are JSON", () => {
    expect(() => readMicrovmSettings("{")).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });
});
