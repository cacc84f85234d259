import { resolve } from "node:path";
import { InputError } from "../../core/errors/index.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import { downloading } from "./download.ts";
import { downloadDataset } from "./download-dataset.ts";
import { findCloudRun } from "./find-run.ts";
import type { CloudFlags } from "./flags.ts";
import { openCloud } from "./open.ts";
import { megabytes } from "./transfer-progress.ts";

export interface CloudExportFlags extends CloudFlags {
  /** Undefined: what there is. */
  readonly format?: string;
  readonly out: string;
  readonly json?: true;
}

/** `serac export <run> --cloud`: fetches the dataset that the run wrote. */
export async function cloudExport(given: string, flags: CloudExportFlags, io: Io): Promise<void> {
  const client = await openCloud(flags, io);
  const runId = await findCloudRun(client, given);
  const fetched = await downloading(io, (download) =>
    downloadDataset(client, runId, {
      folder: resolve(io.cwd, flags.out),
      choose: (dataset) => chosen(dataset, flags.format),
      ...download,
    }),
  );
  if (flags.json) return io.out.write(`${JSON.stringify(fetched)}\n`);
  const kind = `${fetched.formats.join(", ")}${fetched.rehearsal ? ", rehearsal: not for real training" : ""}`;
  const lines = fetched.files.map(({ path, bytes }) => `  ${path}  ${megabytes(bytes)} MB\n`);
  await io.out.write(
    `Dataset: ${fetched.location}  (${kind})\n${lines.join("")}${counted(fetched.files.length, "file")}, ${megabytes(fetched.bytes)} MB\n`,
  );
}

/** Which files of a dataset in several formats; each format has a folder then. InputError("usage"). */
function chosen({ formats }: { readonly formats: readonly string[] }, wanted: string | undefined): (path: string) => boolean {
  if (wanted === undefined) return () => true;
  if (!formats.includes(wanted)) {
    throw new InputError("usage", `--format: the dataset of this run was written in ${formats.join(", ")}, not in ${wanted}.`, {
      hint: "A run in the cloud writes what dataset.formats names in its settings.",
    });
  }
  return formats.length === 1 ? () => true : (path) => path.startsWith(`${wanted}/`);
}
