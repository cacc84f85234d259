import { runRollout } from "../agent/rollout.ts";
import type { Task } from "../agent/toolset.ts";
import type { Trajectory } from "../agent/trajectory.ts";
import { meterOf } from "./meter.ts";
import type { SampleRecord } from "./sample.ts";
import { sandboxLimits } from "./sandbox-limits.ts";
import type { StageContext } from "./stages/stage.ts";
import { writeTrajectory } from "./trajectories.ts";

/** Runs or resumes one rollout of a sample and keeps its trajectory. */
export async function sampleRollout(
  rolloutId: string,
  task: Task,
  sample: SampleRecord,
  context: StageContext,
): Promise<Trajectory | "continue"> {
  const { platform, run } = context;
  const { config } = run.record;
  const teacher = config.teacher!;
  const outcome = await runRollout(
    {
      rolloutId,
      toolset: config.rollout.toolset,
      task,
      limits: config.rollout,
      temperature: teacher.temperature,
      maxOutputTokens: teacher.maxOutputTokens,
      price: teacher.price,
      base: run.base,
      sandboxLimits: sandboxLimits(config),
    },
    {
      teacher: platform.teacher,
      sandbox: platform.sandbox,
      journal: platform.journal,
      clock: platform.clock,
      meter: meterOf(platform.store, sample.runId),
      signal: context.signal,
      deadlineMs: context.deadlineMs,
      onStep: (step) =>
        context.onEvent({ event: "step", sampleId: sample.id, rolloutId, steps: step.steps, costMicroUsd: step.costMicroUsd }),
    },
  );
  if (outcome.outcome === "continue") return "continue";
  await writeTrajectory(platform.artifacts, sample.runId, outcome.trajectory);
  return outcome.trajectory;
}
