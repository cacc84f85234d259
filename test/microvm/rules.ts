/**
 * What every request has to ask for by name, and what none may ask for: specs of the service and of ours (docs/adr/0016). Each rule is one
 * sentence; an answer lists those that a request breaks.
 */
type Body = Readonly<Record<string, unknown>>;
type Rule = readonly [sentence: string, holds: (body: Body) => boolean];

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown): Body => (typeof value === "object" && value !== null ? (value as Body) : {});
const isArn = (value: unknown): value is string => typeof value === "string" && value.startsWith("arn:");
const within = (value: unknown, low: number, high: number): boolean =>
  Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
const areConnectors = (value: unknown): boolean => list(value).length > 0 && list(value).every(isArn);
const names = (value: unknown, ending: string): boolean => list(value).some((arn) => String(arn).endsWith(ending));

const CREATE_IMAGE: readonly Rule[] = [
  ["an image has a name of letters, digits, hyphens and underscores", ({ name }) => /^[A-Za-z0-9_-]{1,64}$/.test(String(name))],
  ["an image is built upon a managed image, by its ARN", ({ baseImageArn }) => isArn(baseImageArn)],
  ["a build has a role", ({ buildRoleArn }) => isArn(buildRoleArn)],
  ["the archive lies in S3", ({ codeArtifact }) => String(record(codeArtifact)["uri"]).startsWith("s3://")],
  ["a build's way out is named", ({ egressNetworkConnectors }) => areConnectors(egressNetworkConnectors)],
  [
    "the architecture is named",
    ({ cpuConfigurations }) => list(cpuConfigurations).every((cpu) => record(cpu)["architecture"] === "ARM_64"),
  ],
  [
    "the baseline is one of those that there are",
    ({ resources }) => [512, 1024, 2048, 4096, 8192].includes(Number(record(list(resources)[0])["minimumMemoryInMiB"])),
  ],
  ["bubblewrap needs all capabilities", ({ additionalOsCapabilities }) => list(additionalOsCapabilities).includes("ALL")],
  ["a build's log is named", ({ logging }) => typeof record(record(logging)["cloudWatch"])["logGroup"] === "string"],
  ["`/ready` is on once any hook is, with a port and a time limit", ({ hooks }) => isReadyOn(record(hooks))],
  ["a hook of a running machine takes 60 s at most", ({ hooks }) => areShort(record(record(hooks)["microvmHooks"]))],
  ["nothing of the environment is baked in", ({ environmentVariables }) => environmentVariables === undefined],
  ["an image says for whom it is", ({ tags }) => typeof record(tags)["serac-directory"] === "string"],
  ["a request can be repeated", ({ clientToken }) => typeof clientToken === "string"],
];

const RUN: readonly Rule[] = [
  ["an image is named by its ARN", ({ imageIdentifier }) => isArn(imageIdentifier)],
  ["the way in is named", ({ ingressNetworkConnectors }) => areConnectors(ingressNetworkConnectors)],
  ["no shell is let in", ({ ingressNetworkConnectors }) => !names(ingressNetworkConnectors, ":SHELL_INGRESS")],
  ["the way out is named", ({ egressNetworkConnectors }) => areConnectors(egressNetworkConnectors)],
  ["no machine reaches the internet", ({ egressNetworkConnectors }) => !names(egressNetworkConnectors, ":INTERNET_EGRESS")],
  ["no machine has a role", ({ executionRoleArn }) => executionRoleArn === undefined],
  ["no machine is put to sleep", ({ idlePolicy }) => idlePolicy === undefined],
  ["a machine's life has an end", ({ maximumDurationInSeconds }) => within(maximumDurationInSeconds, 1, 28_800)],
  [
    "the payload of the run hook has 4,096 bytes at most",
    ({ runHookPayload }) => typeof runHookPayload === "string" && Buffer.byteLength(runHookPayload) <= 4_096,
  ],
  ["whether a machine writes a log is named", ({ logging }) => Object.keys(record(logging)).length === 1],
  ["a request can be repeated", ({ clientToken }) => typeof clientToken === "string"],
];

const TOKEN: readonly Rule[] = [
  ["a token lives for 20 minutes at most", ({ expirationInMinutes }) => within(expirationInMinutes, 1, 20)],
  [
    "a token is for one port",
    ({ allowedPorts }) => list(allowedPorts).length === 1 && within(record(list(allowedPorts)[0])["port"], 1, 65_535),
  ],
];

const TAG: readonly Rule[] = [
  [
    "a tag's value has letters, digits and few signs",
    ({ Tags }) => Object.values(record(Tags)).every((value) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(String(value))),
  ],
];

const RULES = { CreateMicrovmImage: CREATE_IMAGE, RunMicrovm: RUN, CreateMicrovmAuthToken: TOKEN, TagResource: TAG } as const;

export function brokenRules(operation: string, body: Body): readonly string[] {
  const rules = operation in RULES ? RULES[operation as keyof typeof RULES] : [];
  return rules.filter(([, holds]) => !holds(body)).map(([sentence]) => `${operation}: ${sentence}`);
}

function isReadyOn(hooks: Body): boolean {
  const image = record(hooks["microvmImageHooks"]);
  const isAnyOn = [...Object.values(record(hooks["microvmHooks"])), ...Object.values(image)].includes("ENABLED");
  return !isAnyOn || (image["ready"] === "ENABLED" && within(image["readyTimeoutInSeconds"], 1, 3_600) && within(hooks["port"], 1, 65_535));
}

function areShort(hooks: Body): boolean {
  return ["run", "terminate", "suspend", "resume"].every(
    (name) => hooks[name] !== "ENABLED" || within(hooks[`${name}TimeoutInSeconds`], 1, 60),
  );
}
