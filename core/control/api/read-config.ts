import { checkConfig } from "../../config/resolve.ts";
import type { SeracConfig } from "../../config/schema.ts";
import { flagLayer } from "../../config/layer.ts";
import { ApiProblem } from "./problem.ts";

/** The settings of a body, with defaults; 422 that names every mistake by its key. */
export function readConfig(value: Readonly<Record<string, unknown>>): SeracConfig {
  const checked = checkConfig([flagLayer(value)]);
  if ("config" in checked) return checked.config;
  const errors = checked.mistakes.slice(0, MAX_LISTED).map(({ path, text }) => ({ key: ["config", ...path].join("."), message: text }));
  throw refusedConfig(errors);
}

const MAX_LISTED = 50;

export function refusedConfig(errors: readonly { readonly key: string; readonly message: string }[]): ApiProblem {
  const [only] = errors;
  const detail =
    errors.length === 1 && only !== undefined
      ? `${only.message}.`.replace(/\?\.$/, "?")
      : `The configuration has ${errors.length} mistakes.`;
  return new ApiProblem(422, "config_invalid", detail, { errors, hint: "docs/configuration.md lists every key with what is allowed." });
}
