import type { Command } from "commander";
import { InputError } from "../../core/errors/index.ts";

export interface CloudFlags {
  readonly cloud?: true;
  readonly api?: string;
  readonly cloudKeyEnv?: string;
}

export const API_VARIABLE = "SERAC_API";
export const KEY_VARIABLE = "SERAC_API_KEY";

export function addCloudFlags(command: Command, does: string): Command {
  return command
    .option("--cloud", `${does} of a deployment on AWS`)
    .option("--api <url>", `with --cloud: address of its control API (default: $${API_VARIABLE})`)
    .option("--cloud-key-env <name>", `with --cloud: environment variable that holds your key (default: ${KEY_VARIABLE})`);
}

/** With --cloud, `local` flags mean nothing; without it, those of the cloud do. Names as on the command line. InputError("usage"). */
export function checkPlace(
  flags: CloudFlags & Readonly<Record<string, unknown>>,
  local: readonly string[],
  cloud: readonly string[] = [],
): void {
  const given = (names: readonly string[]): string | undefined => names.find((name) => flags[camelCase(name)] !== undefined);
  if (flags.cloud === true) {
    const odd = given(local);
    if (odd !== undefined) throw new InputError("usage", `${odd} means nothing with --cloud.`, { hint: "Leave one of them out." });
    return;
  }
  const odd = given(["--api", "--cloud-key-env", ...cloud]);
  if (odd !== undefined) throw new InputError("usage", `${odd} means nothing without --cloud.`, { hint: "Add --cloud, or leave it out." });
}

/** What has to be added to another command for it to reach the same deployment. */
export function again({ api, cloudKeyEnv }: CloudFlags): string {
  return ` --cloud${api === undefined ? "" : ` --api ${api}`}${cloudKeyEnv === undefined ? "" : ` --cloud-key-env ${cloudKeyEnv}`}`;
}

const camelCase = (flag: string): string => flag.replace(/^--/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
