import { describe, expect, test } from "vitest";
import { assertCloudConfig, cloudMistakes, cloudNotes } from "../../../core/control/cloud-config.ts";
import { configSchema, type ConfigInput } from "../../../core/config/schema.ts";

const TEACHER = { baseUrl: "http://x/v1", model: "m" };
const configOf = (input: ConfigInput) => configSchema.parse({ teacher: TEACHER, ...input });

describe("settings in the cloud", () => {
  test("that are complete are taken as they are", () => {
    const config = configOf({ teacher: { ...TEACHER, apiKeySecret: "serac/teacher" } });
    expect(cloudMistakes(config)).toEqual([]);
    expect(cloudNotes(config)).toEqual([]);
    expect(() => assertCloudConfig(config)).not.toThrow();
  });

  test("may name a variable for use at home beside the secret", () => {
    const config = configOf({ teacher: { ...TEACHER, apiKeyEnv: "KEY", apiKeySecret: "serac/teacher" } });
    expect(cloudMistakes(config)).toEqual([]);
    expect(cloudNotes(config).join()).toContain("teacher.apiKeyEnv is not used");
  });

  test.each([
    [{ teacher: { ...TEACHER, apiKeyEnv: "KEY" } }, "teacher.apiKeyEnv"],
    [{ environment: { mounts: ["/opt"] } }, "environment.mounts"],
    [{ describe: { demonstrations: "issues" } }, "describe.demonstrations"],
    [{ teacher: undefined }, "teacher"],
  ] as [ConfigInput, string][])("%j cannot mean anything there", (input, key) => {
    const mistakes = cloudMistakes(configOf(input));
    expect(mistakes.map(({ path }) => path.join("."))).toEqual([key]);
    expect(mistakes[0]!.text.startsWith(`${key}: `)).toBe(true);
  });

  test("say each mistake with its place", () => {
    const config = configOf({ environment: { mounts: ["/opt"] }, describe: { demonstrations: "issues" } });
    const where = (path: readonly (string | number)[]): string | null => (path.join(".") === "environment" ? "serac.yaml:4:1" : null);
    expect(() => assertCloudConfig(config, where)).toThrow(
      /^The configuration has 2 mistakes:\n {2}serac\.yaml:4:1: environment\.mounts: .*\n {2}serac\.yaml: describe\.demonstrations: .*\.$/,
    );
  });
});
