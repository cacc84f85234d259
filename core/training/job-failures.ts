import type { JobReport } from "./jobs.ts";
import type { ModelChange, ModelRecord } from "./model.ts";

interface Known {
  /** Of what AWS Batch or the container runtime says. */
  readonly said: RegExp;
  readonly hint: (model: ModelRecord) => string;
}

/** Why a job ends without a word of the trainer. Source: AWS Batch, "Job queue blocked events" and "Troubleshooting". */
const KNOWN: readonly Known[] = [
  {
    said: /attempt duration exceeded timeout/i,
    hint: ({ config }) => `It took longer than train.maxHours (${config.maxHours}). Raise it, or take more or faster machines.`,
  },
  {
    said: /INSUFFICIENT_INSTANCE_CAPACITY|no capacity|insufficient.*capacity/i,
    hint: ({ machine }) =>
      `AWS has no ${machine?.machine ?? "such machine"} to give. Try again later, another train.machine, or train.capacity: ${machine?.capacity === "spot" ? "on-demand" : "block"}.`,
  },
  {
    said: /COMPUTE_ENVIRONMENT_MAX_RESOURCE|JOB_RESOURCE_REQUIREMENT|MISCONFIGURATION/,
    hint: () =>
      "The queue never gets a machine for this job: look at the deployment's maxMachines, and at the account's quota for such instances.",
  },
  {
    said: /OutOfMemory|out of memory|exit code:? 137/i,
    hint: () => "The machine's memory did not do. Take a larger train.machine or a smaller train.contextTokens.",
  },
  {
    said: /CannotPullContainer|pull image/i,
    hint: () =>
      "The trainer's image could not be fetched: look whether it is in the deployment's registry, and that the machines reach it.",
  },
  {
    said: /Host EC2/,
    hint: () => "Spot machines were taken back more often than a job begins again. Train with train.capacity: on-demand.",
  },
];

/** For a job that failed, is gone, or says that it succeeded, where result.json is missing. */
export function failureOfJob(report: JobReport, model: ModelRecord): Pick<ModelChange, "code" | "detail" | "hint"> {
  const last = report.attempts.at(-1);
  const said = [report.reason, last?.reason ?? null].filter((text): text is string => text !== null && text !== "");
  const detail = howItEnded(report.state, last?.exitCode ?? null);
  const known = KNOWN.find((one) => said.some((text) => one.said.test(text)));
  const why = [...new Set(said)].join("; ").slice(0, 1000);
  return {
    code: "training_failed",
    detail: why === "" ? detail : `${detail} It says: ${why}`,
    hint: known?.hint(model) ?? "The log of the job says more.",
  };
}

function howItEnded(state: JobReport["state"], exitCode: number | null): string {
  if (state === "succeeded") return "The job ended as if all was well, but wrote no result.";
  if (state === "gone") return "AWS Batch knows nothing of the job any more, and it wrote no result.";
  return `The job ended without a result${exitCode === null ? "" : `, with exit code ${exitCode}`}.`;
}
