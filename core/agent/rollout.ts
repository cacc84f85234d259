import { ConflictError } from "../errors/index.ts";
import { assembleTrajectory } from "./assemble.ts";
import { decide } from "./decide.ts";
import { settleReply } from "./paid-call.ts";
import type { RolloutDeps, RolloutSpec } from "./rollout-spec.ts";
import { applyEntry, foldJournal } from "./session.ts";
import { take, type Rollout } from "./take.ts";
import { toolsetNamed } from "./toolsets/index.ts";
import type { Trajectory } from "./trajectory.ts";
import { openingWorkspace } from "./workspace.ts";

export type RolloutOutcome =
  | { readonly outcome: "done"; readonly trajectory: Trajectory }
  /** The deadline came or the signal was aborted; everything is journaled, and calling again goes on. */
  | { readonly outcome: "continue" };

/**
 * Runs a rollout to its end, from wherever its journal stands. After `deps.deadlineMs` nothing new is begun; what is
 * under way then is finished first, so the caller leaves room for one command.
 *
 * Throws, with the journal in a state to go on from: PausedError (budget), ConflictError (another worker owns the
 * rollout), SandboxError (no workspace could be opened), TeacherError where the trouble is the run's and not the
 * rollout's: key, model, TLS. Everything else ends the rollout with an exit status.
 */
export async function runRollout(spec: RolloutSpec, deps: RolloutDeps): Promise<RolloutOutcome> {
  const toolset = toolsetNamed(spec.toolset);
  let session = foldJournal(await deps.journal.read(spec.rolloutId), toolset);
  if (session.toolset !== null && session.toolset !== spec.toolset) {
    throw new ConflictError(
      "state_conflict",
      `Rollout ${spec.rolloutId} was begun with the toolset ${session.toolset}, not ${spec.toolset}.`,
    );
  }
  const paid = session.steps.at(-1);
  if (paid !== undefined && session.end === null) await settleReply(paid, deps.meter);

  const workspace = openingWorkspace({ ...spec, ...deps, provider: deps.sandbox, toolset });
  const rollout: Rollout = { spec, deps, toolset, workspace };
  try {
    for (;;) {
      const decision = decide(session, toolset, spec.limits);
      if (decision.do === "nothing") return { outcome: "done", trajectory: assembleTrajectory(spec.rolloutId, toolset, session) };
      if (isStopped(deps)) return { outcome: "continue" };
      const entry = await take(decision, session, rollout);
      if (entry === "continue") return { outcome: "continue" };
      // The paid call has journaled its reply itself, before anything else could happen.
      if (entry.type !== "reply") await deps.journal.append(spec.rolloutId, session.next, entry);
      session = applyEntry(session, entry, toolset);
      deps.onStep?.({ steps: session.steps.length, costMicroUsd: session.costMicroUsd });
    }
  } finally {
    await workspace.close();
  }
}

function isStopped({ signal, clock, deadlineMs }: RolloutDeps): boolean {
  return signal?.aborted === true || clock.now() >= (deadlineMs ?? Infinity);
}
