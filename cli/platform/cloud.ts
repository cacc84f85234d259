import { systemClock } from "../../core/errors/clock.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import type { ControlClient, ControlClientOptions } from "../../drivers/control-client/index.ts";
import { version } from "../version.ts";

export type {
  CloudDataset,
  CloudModel,
  CloudModelFiles,
  CloudRun,
  CloudRunSummary,
  CloudSample,
  ControlClient,
} from "../../drivers/control-client/index.ts";

/** A deployed control API. InputError("usage") for an address or a key that can be none. */
export async function openControlClient(options: Pick<ControlClientOptions, "url" | "apiKey" | "keySource">): Promise<ControlClient> {
  const { createControlClient } = await import("../../drivers/control-client/index.ts");
  return createControlClient({ ...options, version, clock: systemClock });
}

/** A repository as a tar.gz that the cloud unpacks. */
export async function packRepository(source: RepositorySource): Promise<AsyncIterable<Uint8Array>> {
  const archive = await import("../../drivers/archive/index.ts");
  return archive.packRepository(source);
}

/** InputError("output_exists") for a folder that holds anything but an earlier export. */
export async function checkDatasetFolder(folder: string): Promise<void> {
  const { openDatasetFolder } = await import("../../drivers/dataset-folder/index.ts");
  await (await openDatasetFolder(folder)).abort();
}
