import type { Io } from "../io.ts";
import { summaryText } from "../text/summary.ts";
import { findCloudRun } from "./find-run.ts";
import type { CloudFlags } from "./flags.ts";
import { openCloud } from "./open.ts";

/** `serac cancel <run> --cloud`. */
export async function cloudCancel(given: string, flags: CloudFlags & { readonly json?: true }, io: Io): Promise<void> {
  const client = await openCloud(flags, io);
  const summary = await client.cancelRun(await findCloudRun(client, given));
  await io.out.write(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
}
