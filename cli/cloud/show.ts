import { InputError } from "../../core/errors/index.ts";
import { sampleIdOf } from "../../core/plan/sample-id.ts";
import { readTrajectory } from "../../core/svg/trajectories.ts";
import type { CloudSample, ControlClient } from "../platform/cloud.ts";
import type { ShownRollout } from "../samples.ts";
import { findCloudRun } from "./find-run.ts";

/** A sample and what its rollouts left. `which`: the others are not fetched. */
export async function readCloudSample(
  client: ControlClient,
  given: string,
  which: "both" | "first" | "second",
): Promise<{ readonly sample: CloudSample; readonly rollouts: readonly ShownRollout[] }> {
  const sample = await client.sample(await sampleIdIn(client, given));
  const wanted = sample.rollouts.filter((rollout) => which === "both" || rollout.which === which);
  const rollouts: ShownRollout[] = [];
  for (const rollout of wanted) rollouts.push(await readRollout(client, sample.runId, rollout));
  return { sample, rollouts };
}

async function sampleIdIn(client: ControlClient, given: string): Promise<string> {
  const match = /^(.+)-s0*(\d+)$/.exec(given);
  const number = Number(match?.[2] ?? "0");
  if (match === null || number < 1) {
    throw new InputError("sample_unknown", `There is no sample ${JSON.stringify(given)}.`, {
      hint: "A sample is named by its run and its number, such as latest-s1; `serac status --cloud` lists the runs.",
    });
  }
  return sampleIdOf(await findCloudRun(client, match[1]!), number - 1);
}

async function readRollout(client: ControlClient, runId: string, rollout: CloudSample["rollouts"][number]): Promise<ShownRollout> {
  const { which, rolloutId, trajectory, replies } = rollout;
  if (trajectory === null) return { which, rolloutId, trajectory: null, journal: null, ...(replies === null ? {} : { replies }) };
  const get = (): Promise<Uint8Array> => fetched(client, trajectory.url, trajectory.bytes);
  return { which, rolloutId, trajectory: await readTrajectory({ get }, runId, rolloutId), journal: null };
}

async function fetched(client: ControlClient, url: string, bytes: number): Promise<Uint8Array> {
  const { chunks } = await client.download(url, 0, new AbortController().signal);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const content = Buffer.concat(parts);
  if (content.byteLength === bytes) return content;
  throw new InputError("artifact_missing", `A trajectory came with ${content.byteLength} of ${bytes} bytes.`, { hint: "Ask again." });
}
