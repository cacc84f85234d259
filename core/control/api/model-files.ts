import type * as z from "zod";
import { SeracError } from "../../errors/index.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import { weightsPrefix } from "../../training/names.ts";
import type { ControlPlatform } from "../platform.ts";
import { MODEL_MANIFEST } from "../training/manifest.ts";
import { LINKS_EXPIRE_MS } from "./link.ts";
import type { modelFilesSchema } from "./wire/models.ts";

const AT_ONCE = 16;

/** Links to what was published. SeracError("artifact_missing") for a model that is not ready. */
export async function modelFilesOf(platform: ControlPlatform, model: ModelRecord): Promise<z.input<typeof modelFilesSchema>> {
  if (model.state !== "ready") throw notReady(model);
  const prefix = weightsPrefix(model.id);
  const paths: string[] = [];
  for await (const key of platform.artifacts.list(prefix)) paths.push(key.slice(prefix.length));
  const inOrder = [...paths.filter((path) => path !== MODEL_MANIFEST), MODEL_MANIFEST];
  const expiresAt = new Date(platform.clock.now() + LINKS_EXPIRE_MS).toISOString();
  const files = [];
  for (let at = 0; at < inOrder.length; at += AT_ONCE) {
    files.push(...(await Promise.all(inOrder.slice(at, at + AT_ONCE).map((path) => fileOf(platform, model, path)))));
  }
  return { modelId: model.id, files, expiresAt };
}

const notReady = ({ id, state }: ModelRecord): SeracError =>
  OPEN_MODEL_STATES.includes(state)
    ? new SeracError("artifact_missing", `Model ${id} has no files yet: it is ${state}.`, { hint: "They are there when it is ready." })
    : new SeracError("artifact_missing", `Model ${id} has no files: it ${state === "failed" ? "failed" : "was cancelled"}.`);

async function fileOf(platform: ControlPlatform, model: ModelRecord, path: string) {
  const key = `${weightsPrefix(model.id)}${path}`;
  const facts = await platform.factsOf(key);
  if (facts === null) {
    throw new SeracError("artifact_missing", `${path} of model ${model.id} is not there any more.`, {
      hint: "Its files were removed, perhaps by a rule of the bucket: train it again.",
    });
  }
  const url = await platform.links.download(key, { expiresMs: LINKS_EXPIRE_MS, fileName: path.slice(path.lastIndexOf("/") + 1) });
  return { path, bytes: facts.bytes, version: facts.version, url };
}
