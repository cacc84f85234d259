import type { Session } from "./session.ts";
import type { Toolset } from "./toolset.ts";
import type { Trajectory } from "./trajectory.ts";

/** The trajectory of an ended session; the same journal gives the same trajectory, whoever reads it. */
export function assembleTrajectory(rolloutId: string, toolset: Toolset, session: Session): Trajectory {
  const { startedAt, end } = session;
  if (startedAt === null || end === null) throw new RangeError(`Rollout ${rolloutId} has not ended.`);
  return {
    rolloutId,
    toolset: toolset.name,
    tools: toolset.tools,
    prompt: session.prompt,
    steps: session.steps,
    exitStatus: end.exitStatus,
    detail: end.detail,
    patch: end.patch,
    usage: session.usage,
    costMicroUsd: session.costMicroUsd,
    startedAt,
    endedAt: end.at,
    rehearsal: session.rehearsal,
  };
}
