import { InputError } from "../errors/index.ts";
import type { SeracConfig } from "./schema.ts";

/**
 * The teacher's API key out of the environment; null when the configuration names none. InputError("config_invalid")
 * names the variable, never its content.
 */
export function checkSecrets(config: SeracConfig, env: Readonly<Record<string, string | undefined>>): string | null {
  const name = config.teacher?.apiKeyEnv;
  if (name === undefined) return null;
  const value = env[name];
  if (value === undefined || value.trim() === "") {
    throw new InputError(
      "config_invalid",
      `teacher.apiKeyEnv: the environment variable ${name} is ${value === undefined ? "not set" : "empty"}.`,
      {
        hint: `Set it first (export ${name}=…), or leave teacher.apiKeyEnv out when the teacher needs no key.`,
      },
    );
  }
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new InputError(
    "config_invalid",
    `teacher.apiKeyEnv: the environment variable ${name} holds white space or characters that no API key has.`,
    {
      hint: "Look for a line break or for quotes that were copied along; the value itself is never printed.",
    },
  );
}
