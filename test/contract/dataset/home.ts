import { join } from "node:path";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import type { StatePlatform } from "../../../core/svg/platform.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";
import { writeTrajectory } from "../../../core/svg/trajectories.ts";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { openHome } from "../../../drivers/sqlite/index.ts";
import { testPatch, testTrajectory } from "../../unit/dataset/test-data.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

export interface TestHome {
  readonly folder: string;
  readonly platform: StatePlatform;
  close(): void;
}

/** A real home in a folder that goes when it is closed. */
export async function openTestHome(): Promise<TestHome> {
  const folder = temporaryFolder();
  const home = openHome(join(folder, "home"));
  const artifacts = await openFileArtifacts(join(folder, "home", "artifacts"));
  const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };
  return {
    folder,
    platform: { store: home.store, journal: home.journal, queue: home.queue, artifacts, clock },
    close: () => {
      home.close();
      removeFolderSync(folder);
    },
  };
}

/** Stores the sample with both its trajectories; `make` gives what differs from the plain one. */
export async function addSample(
  platform: StatePlatform,
  sample: SampleRecord,
  make: (dataset: "t1" | "t2") => Partial<Trajectory> = () => ({}),
): Promise<void> {
  await platform.store.addSamples([sample]);
  const rollouts = [
    ["t1", sample.firstRolloutId],
    ["t2", sample.secondRolloutId],
  ] as const;
  for (const [dataset, rolloutId] of rollouts) {
    if (rolloutId === null) continue;
    await writeTrajectory(
      platform.artifacts,
      sample.runId,
      testTrajectory(rolloutId, { patch: testPatch(sample.index), ...make(dataset) }),
    );
  }
}
