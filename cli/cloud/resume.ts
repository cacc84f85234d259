import type { Io } from "../io.ts";
import { budgetOf } from "../run/budget.ts";
import type { ResumeFlags } from "../run/resume.ts";
import { findCloudRun } from "./find-run.ts";
import { detach, follow, type FollowFlags } from "./follow.ts";
import { openCloud } from "./open.ts";

export interface CloudResumeFlags extends FollowFlags, ResumeFlags {
  readonly json?: true;
  readonly quiet?: true;
  readonly detach?: true;
}

const MICRO = 1_000_000;

/** `serac resume <run> --cloud`: goes on with it there, and follows. A run that is going is followed. */
export async function cloudResume(given: string, flags: CloudResumeFlags, io: Io): Promise<void> {
  const budget = budgetOf(flags.budget);
  const client = await openCloud(flags, io);
  const runId = await findCloudRun(client, given);
  const budgetUsd = budget === undefined ? {} : { budgetUsd: budget === null ? null : budget / MICRO };
  await client.resumeRun(runId, { ...budgetUsd, retryFailed: flags.retryFailed === true });
  await (flags.detach === true ? detach : follow)(client, await client.run(runId), flags, io);
}
