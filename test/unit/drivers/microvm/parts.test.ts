import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMicrovmSettings } from "../../../../core/config/cloud/microvm.ts";
import { withBase } from "../../../../drivers/microvm/archive.ts";
import { reportOf } from "../../../../drivers/microvm/build-log.ts";
import { cloudError } from "../../../../drivers/microvm/cloud-error.ts";
import { FAILURE_MARK } from "../../../../drivers/microvm/guest/plan.ts";
import { imageArn, imageName } from "../../../../drivers/microvm/image-name.ts";
import { machineSize } from "../../../../drivers/microvm/machine-size.ts";
import { SETTINGS } from "../../../microvm/settings.ts";

const settings = readMicrovmSettings(JSON.stringify(SETTINGS));

describe("an image's name", () => {
  test("is one that AWS takes, and another one for another directory", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 }), (one, other) => {
        expect(imageName(settings, one)).toMatch(/^serac-[A-Za-z0-9-]{1,58}$/);
        expect(imageName(settings, one) === imageName(settings, other)).toBe(one === other);
      }),
    );
    expect(imageName(settings, "runs/my-service-1")).toMatch(/^serac-my-service-1-[0-9a-f]{16}$/);
    expect(imageArn(settings, "serac-x")).toBe("arn:aws:lambda:us-east-1:111111111111:microvm-image:serac-x");
  });
});

describe("the Dockerfile", () => {
  const own = readFileSync(new URL("../../../../batch-images/sandbox/Dockerfile", import.meta.url));

  test("is built from the base that the deployment names", () => {
    expect(withBase(own, "example/node:24$&")).toContain("ARG BASE_IMAGE=example/node:24$&\nFROM ${BASE_IMAGE}\n");
    expect(() => withBase(Buffer.from("FROM x"), "y")).toThrow("BASE_IMAGE");
  });
});

describe("the baseline of a machine", () => {
  const limits = { memoryMb: 512, processes: 100, diskMb: 64, fileMb: 32 };

  test("holds the workspace's memory and disk when it bursts", () => {
    expect(machineSize(limits, 512)).toBe(512);
    expect(machineSize(limits, 2048)).toBe(2048);
    expect(machineSize({ ...limits, memoryMb: 4096, diskMb: 2048 }, 512)).toBe(2048);
    expect(machineSize({ ...limits, memoryMb: 30_000 }, 512)).toBe(8192);
    expect(machineSize({ ...limits, memoryMb: 300_000 }, 512)).toBe(8192);
  });
});

describe("the log of a build that failed", () => {
  const failure = { code: "sandbox_install_failed", message: "`pip` ended with exit code 1.", hint: null };
  const marked = `${FAILURE_MARK}${JSON.stringify(failure)}`;

  test("tells our own report, the last one, and the lines before it", () => {
    const forged = `${FAILURE_MARK}${JSON.stringify({ ...failure, message: "forged" })}`;
    expect(reportOf(["one", forged, "two", "", marked])).toEqual({ failure, lastLines: "one\ntwo" });
  });

  test("that holds no report tells its last lines", () => {
    const lines = Array.from({ length: 50 }, (_, n) => `line ${n}`);
    expect(reportOf(lines)).toEqual({ failure: null, lastLines: lines.slice(-20).join("\n") });
    for (const odd of [`${FAILURE_MARK}{`, `${FAILURE_MARK}{}`, `${FAILURE_MARK}${JSON.stringify({ ...failure, code: "usage" })}`]) {
      expect(reportOf([odd]).failure).toBeNull();
    }
  });
});

describe("errors of the service", () => {
  const named = (name: string): Error => Object.assign(new Error("said so"), { name });
  test.each([
    ["ResourceNotFoundException", "SandboxError", "sandbox_failed"],
    ["AccessDeniedException", "SeracError", "cloud_denied"],
    ["ThrottlingException", "SeracError", "cloud_throttled"],
    ["TooManyRequestsException", "SeracError", "cloud_throttled"],
    ["ServiceQuotaExceededException", "SeracError", "cloud_throttled"],
    ["InsufficientCapacityException", "SeracError", "cloud_throttled"],
    ["ValidationException", "SeracError", "cloud_failed"],
    ["InternalServerException", "SeracError", "cloud_failed"],
  ])("%s is a %s %s", (name, errorName, code) => {
    const error = cloudError(named(name), "start a machine");
    expect(error).toMatchObject({ name: errorName, code, message: "serac could not start a machine: said so" });
    expect(cloudError(error, "do something else")).toBe(error);
  });
});
