import { checkDatasetFolder } from "../platform/cloud.ts";
import type { CloudDataset, ControlClient } from "../platform/cloud.ts";
import { downloadFiles } from "./download-files.ts";

export interface DownloadOptions {
  /** Absolute; a new folder, an empty one, or one with an earlier export, which is replaced when everything is here. */
  readonly folder: string;
  readonly choose: (dataset: CloudDataset) => (path: string) => boolean;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Downloaded {
  readonly runId: string;
  readonly location: string;
  readonly rehearsal: boolean;
  readonly formats: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly bytes: number;
}

/**
 * Fetches the files of a run's dataset. InputError("output_exists"), SeracError("artifact_missing") when the run has no dataset.
 */
export async function downloadDataset(client: ControlClient, runId: string, options: DownloadOptions): Promise<Downloaded> {
  const { folder } = options;
  const dataset = await downloadFiles(client, {
    ...options,
    what: "The dataset",
    id: runId,
    checkFolder: () => checkDatasetFolder(folder),
    list: () => client.dataset(runId),
  });
  const files = dataset.files.map(({ path, bytes }) => ({ path, bytes }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { runId, location: folder, rehearsal: dataset.rehearsal, formats: dataset.formats, files, bytes };
}
