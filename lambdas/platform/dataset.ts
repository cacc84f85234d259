import { DATASETS_PREFIX } from "../../core/config/cloud/names.ts";
import { exportRun } from "../../core/dataset/export.ts";
import { InputError } from "../../core/errors/index.ts";
import { createS3DatasetSink } from "../../drivers/s3/index.ts";
import { stateEnvironment } from "../environment.ts";
import { s3Client } from "./clients.ts";
import { controlPlatform } from "./state.ts";
import { unlessWritten } from "./unless-written.ts";

/** As on a laptop: in the run's folder itself, or in one folder a format where the settings name several. */
export async function exportDataset(runId: string, signal: AbortSignal): Promise<{ readonly location: string }> {
  const { bucket, version } = stateEnvironment(process.env);
  const platform = controlPlatform();
  const run = await platform.store.getRun(runId);
  if (run === null) throw new InputError("run_unknown", `There is no run ${runId}.`);
  const formats = [...new Set(run.config.dataset.formats)];
  const home = `${DATASETS_PREFIX}${runId}/`;
  for (const format of formats) {
    const prefix = formats.length === 1 ? home : `${home}${format}/`;
    const target = createS3DatasetSink({ client: s3Client(), bucket, prefix });
    const isWritten = async (): Promise<boolean> => typeof (await platform.store.getRun(runId))?.dataset === "string";
    const sink = unlessWritten(target, isWritten, `s3://${bucket}/${prefix}`);
    await exportRun(platform, runId, { format, sink, version }, { signal });
  }
  return { location: `s3://${bucket}/${home}` };
}
