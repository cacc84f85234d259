import { findModel } from "../models/find-model.ts";
import type { ControlClient } from "../platform/cloud.ts";

const PAGE = 100;
/** A beginning of an id is looked for among so many of the newest models. */
const MOST = 1000;

export type ListedCloudModel = Awaited<ReturnType<ControlClient["listModels"]>>["models"][number];

/** A model of the deployment by its id, a unique beginning of it, or `latest`. InputError("model_unknown"). */
export async function findCloudModel(client: ControlClient, given: string, list: string): Promise<ListedCloudModel> {
  return findModel(await newestModels(client, given === "latest" ? 1 : MOST), given, list);
}

export async function newestModels(client: ControlClient, most: number): Promise<readonly ListedCloudModel[]> {
  const models: ListedCloudModel[] = [];
  for (let after: string | null | undefined; after !== null && models.length < most;) {
    const page = await client.listModels({ limit: Math.min(PAGE, most), ...(after === undefined ? {} : { after }) });
    models.push(...page.models);
    after = page.next;
  }
  return models;
}
