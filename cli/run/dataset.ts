import { join } from "node:path";
import { exportRun, type ExportReport } from "../../core/dataset/export.ts";
import type { SeracConfig } from "../../core/config/schema.ts";
import type { StatePlatform } from "../../core/svg/platform.ts";
import { openDatasetFolder } from "../platform.ts";
import { version } from "../version.ts";

/** A dataset on disk. */
export interface WrittenDataset {
  readonly directory: string;
  /** Relative to `directory`: one folder or more, each with a card. */
  readonly folders: readonly string[];
  readonly report: ExportReport;
}

/** The dataset that a run leaves: in `directory` itself, or in one folder a format where the settings name several. */
export async function exportDataset(
  platform: StatePlatform,
  runId: string,
  { directory, config, signal }: { readonly directory: string; readonly config: SeracConfig; readonly signal: AbortSignal },
): Promise<WrittenDataset> {
  const formats = [...new Set(config.dataset.formats)];
  const folders = formats.length === 1 ? ["."] : formats;
  let report: ExportReport | undefined;
  for (const [at, format] of formats.entries()) {
    const sink = await openDatasetFolder(join(directory, folders[at]!));
    report = await exportRun(platform, runId, { format, sink, version }, { signal });
  }
  return { directory, folders, report: report! };
}
