import { resolve } from "node:path";
import { EXIT } from "../exit-code.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { COMMAND } from "../invocation.ts";
import type { CloudModel, ControlClient } from "../platform/cloud.ts";
import type { ModelsFlags } from "../models/flags.ts";
import { modelsTable, modelText } from "../text/model.ts";
import { downloadModel } from "./download-model.ts";
import { findCloudModel, newestModels } from "./find-model.ts";
import { again } from "./flags.ts";
import { openCloud } from "./open.ts";
import { progressText } from "./model-progress.ts";
import { shownModel } from "./shown-model.ts";
import { megabytes, transferProgress } from "./transfer-progress.ts";

const LISTED = 50;

/** `serac models --cloud`. */
export async function cloudModels(action: string, given: string | undefined, flags: ModelsFlags, io: Io): Promise<void> {
  const client = await openCloud(flags, io);
  if (action === "list") return list(client, flags, io);
  const { id } = await findCloudModel(client, given!, `${COMMAND} models${again(flags)}`);
  if (action === "download") return download(client, id, flags, io);
  if (action === "delete") {
    await client.removeModel(id);
    return io.out.write(flags.json ? `${JSON.stringify({ id })}\n` : `Model ${id} is deleted; its files are gone within minutes.\n`);
  }
  const model: CloudModel = await (action === "cancel" ? client.cancelModel(id) : client.getModel(id));
  await io.out.write(flags.json ? `${JSON.stringify(model)}\n` : `${modelText(shownModel(model))}${progressText(model)}`);
}

async function list(client: ControlClient, flags: ModelsFlags, io: Io): Promise<void> {
  const models = await newestModels(client, LISTED);
  if (flags.json) return io.out.write(`${JSON.stringify(models)}\n`);
  if (models.length === 0) return io.out.write(`No models at ${client.url} yet. Train one with: ${COMMAND} train <run>${again(flags)}\n`);
  await io.out.write(modelsTable(models.map((model) => ({ ...model, loss: null }))));
}

async function download(client: ControlClient, id: string, flags: ModelsFlags, io: Io): Promise<void> {
  const interrupts = watchInterrupts({
    graceMs: 2_500,
    onFirst: () => io.err.tell("Stopping. The same command goes on where this one ends.\n"),
    onForce: () => process.exit(EXIT.paused),
  });
  try {
    let tell: ((bytes: number) => void) | undefined;
    const fetched = await downloadModel(client, id, {
      folder: resolve(io.cwd, flags.out!),
      onProgress: (done, total) => (tell ??= transferProgress(io, "downloading", total, false))(done),
      signal: interrupts.signal,
    });
    if (flags.json) return await io.out.write(`${JSON.stringify(fetched)}\n`);
    await io.out.write(`Model: ${fetched.location}\n${counted(fetched.files.length, "file")}, ${megabytes(fetched.bytes)} MB\n`);
  } finally {
    interrupts.stop();
  }
}
