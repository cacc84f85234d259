import { InputError } from "../../core/errors/index.ts";
import { secretOf } from "../gateway/flag-values.ts";
import type { Io } from "../io.ts";
import { type ControlClient, openControlClient } from "../platform/cloud.ts";
import { API_VARIABLE, type CloudFlags, KEY_VARIABLE } from "./flags.ts";

/** The deployment that flags and environment name. Nothing is asked yet. InputError("usage"). */
export async function openCloud(flags: CloudFlags, io: Io): Promise<ControlClient> {
  const fromEnvironment = io.env[API_VARIABLE];
  const url = flags.api ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  if (url === undefined) {
    throw new InputError("usage", "--cloud: no address of a control API is given.", {
      hint: `Set ${API_VARIABLE}, or give --api URL. \`cdk deploy\` prints it; docs/aws.md tells how to deploy.`,
    });
  }
  const keySource = flags.cloudKeyEnv ?? KEY_VARIABLE;
  const apiKey = secretOf("--cloud-key-env", keySource, io) ?? "";
  return openControlClient({ url, apiKey, keySource });
}
