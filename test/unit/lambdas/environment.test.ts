import { describe, expect, test } from "vitest";
import { InputError } from "../../../core/errors/index.ts";
import { gatewayEnvironment, sandboxSettings, stateEnvironment } from "../../../lambdas/environment.ts";

const ENV = {
  SERAC_TABLE: "serac-state",
  SERAC_BUCKET: "serac-artifacts",
  SERAC_QUEUE_PREPARE: "https://sqs.eu-central-1.amazonaws.com/111111111111/prepare",
  SERAC_QUEUE_WORK: "https://sqs.eu-central-1.amazonaws.com/111111111111/work",
  SERAC_QUEUE_FINISH: "https://sqs.eu-central-1.amazonaws.com/111111111111/finish",
  SERAC_QUEUE_TRAIN: "https://sqs.eu-central-1.amazonaws.com/111111111111/train",
  SERAC_DEAD_PREPARE: "https://sqs.eu-central-1.amazonaws.com/111111111111/dead-prepare",
  SERAC_DEAD_WORK: "https://sqs.eu-central-1.amazonaws.com/111111111111/dead-work",
  SERAC_DEAD_FINISH: "https://sqs.eu-central-1.amazonaws.com/111111111111/dead-finish",
  SERAC_DEAD_TRAIN: "https://sqs.eu-central-1.amazonaws.com/111111111111/dead-train",
  SERAC_VERSION: "1.2.3",
};

describe("the environment of the functions that work on runs", () => {
  test("is read as a whole", () => {
    expect(stateEnvironment({ ...ENV, PATH: "/usr/bin" })).toEqual({
      table: "serac-state",
      bucket: "serac-artifacts",
      queues: {
        prepare: { url: ENV.SERAC_QUEUE_PREPARE, deadUrl: ENV.SERAC_DEAD_PREPARE },
        work: { url: ENV.SERAC_QUEUE_WORK, deadUrl: ENV.SERAC_DEAD_WORK },
        finish: { url: ENV.SERAC_QUEUE_FINISH, deadUrl: ENV.SERAC_DEAD_FINISH },
        train: { url: ENV.SERAC_QUEUE_TRAIN, deadUrl: ENV.SERAC_DEAD_TRAIN },
      },
      version: "1.2.3",
    });
  });

  test("every variable that is missing or wrong is named at once", () => {
    const { SERAC_TABLE: _table, SERAC_DEAD_WORK: _dead, ...rest } = ENV;
    const error = thrownBy(() => stateEnvironment({ ...rest, SERAC_BUCKET: "", SERAC_QUEUE_WORK: "the work queue" }));
    expect(error.code).toBe("config_invalid");
    for (const name of ["SERAC_TABLE is not set", "SERAC_DEAD_WORK is not set", "SERAC_BUCKET: ", "SERAC_QUEUE_WORK: "]) {
      expect(error.message).toContain(name);
    }
    expect(error.message).not.toContain("SERAC_VERSION");
  });
});

describe("the gateway's environment", () => {
  const model = { name: "qwen", url: "http://10.0.0.7:8000" };

  test("models with their defaults", () => {
    const { table, settings } = gatewayEnvironment({ SERAC_TABLE: "t", SERAC_GATEWAY: JSON.stringify({ models: [model] }) });
    expect(table).toBe("t");
    expect(settings.models).toEqual([{ ...model, profile: "swe-agent", canSeeImages: false, thinking: "leading-tag" }]);
  });

  test.each([
    ["{", "it is no JSON"],
    [JSON.stringify({ models: [] }), "SERAC_GATEWAY.models"],
    [JSON.stringify({ models: [{ ...model, url: "ftp://x" }] }), "SERAC_GATEWAY.models.0.url"],
    [JSON.stringify({ models: [{ ...model, key: "sk-secret" }] }), "SERAC_GATEWAY.models.0"],
  ])("%s is refused with its place", (SERAC_GATEWAY, place) => {
    expect(thrownBy(() => gatewayEnvironment({ SERAC_TABLE: "t", SERAC_GATEWAY })).message).toContain(place);
  });
});

describe("the sandbox's settings", () => {
  test("a deployment may have none", () => {
    expect(sandboxSettings({})).toBeNull();
  });

  test("what is there has to be right", () => {
    expect(thrownBy(() => sandboxSettings({ SERAC_SANDBOX: '{"imageArnPrefix":"nonsense"}' })).message).toContain("SERAC_SANDBOX");
  });
});

function thrownBy(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("No InputError was thrown.");
}
