import { BASES_PREFIX } from "../../config/cloud/names.ts";
import { InputError, SeracError } from "../../errors/index.ts";
import { type BaseFacts, readBaseFacts } from "../../training/base-facts.ts";
import { readSmall } from "../drops/read-small.ts";
import type { ControlPlatform } from "../platform.ts";

/** What the training of a base needs to know of it. */
export interface StoredBase {
  /** s3://bucket/bases/Qwen/Qwen3-32B/ */
  readonly source: string;
  /** As adapters and servers call it. */
  readonly name: string;
  readonly facts: BaseFacts;
}

const MAX_CONFIG_BYTES = 1 << 20;
const NAME = /^[A-Za-z0-9][\w.-]{0,95}(\/[A-Za-z0-9][\w.-]{0,95}){0,3}$/;

/**
 * The open model that `train.base` names, in the deployment's bucket: machines that train have no way out. InputError("training_unfit")
 * for what names none there.
 */
export async function storedBase(platform: ControlPlatform, base: string): Promise<StoredBase> {
  const name = baseName(platform, base);
  const prefix = `${BASES_PREFIX}${name}/`;
  const config = await configAt(platform, `${prefix}config.json`);
  const source = `${platform.artifacts.locate(prefix.slice(0, -1))}/`;
  if (config === null) {
    throw new InputError("training_unfit", `There is no model ${name} in the deployment: ${source}config.json is missing.`, {
      hint: `Put the base there, from a machine that has it: aws s3 sync <folder of ${name}> ${source}`,
    });
  }
  return { source, name, facts: readBaseFacts(config, `${source}config.json`) };
}

/** The part of an address below bases/, or the name itself. InputError("training_unfit") for a folder, or for an address elsewhere. */
export function baseName({ artifacts }: Pick<ControlPlatform, "artifacts">, base: string): string {
  const home = `${artifacts.locate(BASES_PREFIX.slice(0, -1))}/`;
  const name = base.startsWith(home) ? base.slice(home.length).replace(/\/$/, "") : base;
  if (NAME.test(name) && !name.includes("..")) return name;
  throw new InputError(
    "training_unfit",
    `train.base: found ${JSON.stringify(base.slice(0, 300))}; allowed in the cloud is the name of a model below ${home}.`,
    {
      hint: `Put it there: aws s3 sync <its folder> ${home}<name>/`,
    },
  );
}

async function configAt({ artifacts }: ControlPlatform, key: string): Promise<Uint8Array | null> {
  try {
    const bytes = await readSmall(artifacts, key, MAX_CONFIG_BYTES);
    if (bytes !== null) return bytes;
  } catch (error) {
    if (error instanceof SeracError && error.code === "artifact_missing") return null;
    throw error;
  }
  throw new InputError("training_unfit", `${artifacts.locate(key)} is larger than 1 MB: that is no config.json of a model.`);
}
