import { resolve } from "node:path";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import { COMMAND } from "../invocation.ts";
import type { CloudModel, ControlClient } from "../platform/cloud.ts";
import type { ModelsFlags } from "../models/flags.ts";
import { modelsTable, modelText } from "../text/model.ts";
import { downloading } from "./download.ts";
import { downloadModel } from "./download-model.ts";
import { findCloudModel, newestModels } from "./find-model.ts";
import { again } from "./flags.ts";
import { openCloud } from "./open.ts";
import { progressText } from "./model-progress.ts";
import { shownModel } from "./shown-model.ts";
import { megabytes } from "./transfer-progress.ts";

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
  const folder = resolve(io.cwd, flags.out!);
  const fetched = await downloading(io, (transfer) => downloadModel(client, id, { folder, ...transfer }));
  if (flags.json) return io.out.write(`${JSON.stringify(fetched)}\n`);
  await io.out.write(`Model: ${fetched.location}\n${counted(fetched.files.length, "file")}, ${megabytes(fetched.bytes)} MB\n`);
}
