/** What AWS Batch says of a job (AWS Batch, "Jobs stuck in RUNNABLE"), and what it means to a person. Its own words stay behind it. */
const MEANINGS: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY/, "AWS has no such machine to give at the moment"],
  [
    /MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE/,
    "The deployment lets fewer machines run at once than the job needs; raise maxMachines below training in serac.deploy.yaml",
  ],
  [/MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT/, "No machine of the queue has as many GPUs, or as much memory, as the job asks for"],
  [
    /MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED/,
    "The region or the zone has no machines of this type, or not with this network",
  ],
  [/MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS/, "AWS Batch may not start machines in this account; deploy the training stack again"],
  [/^Host EC2/, "The machine was taken away"],
  [/^Job attempt duration exceeded timeout/, "It took longer than train.maxHours allows"],
  [/CannotPullContainer|CannotPullECRContainer/, "The trainer's image could not be loaded"],
  [/OutOfMemory/, "The trainer ran out of memory"],
];

const GIVEN_UP = /^Canceled by JobStateTimeLimit action/;
/** A container that ended by itself: its exit code and what it wrote say more. */
const SAYS_NOTHING = /^Essential container in task exited/;

/** Null when there is nothing to tell. */
export function plainReason(said: string | undefined): string | null {
  if (said === undefined || said === "" || SAYS_NOTHING.test(said)) return null;
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  if (meaning === undefined) return said;
  return `${meaning}${GIVEN_UP.test(said) ? ", and the job waited for it as long as the queue allows" : ""} (${said.replace(/\.$/, "")}).`;
}
