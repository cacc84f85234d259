import * as z from "zod";
import { InputError } from "../../errors/index.ts";

const ARN = /^arn:aws[a-z-]*:/;
const connectorArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:(aws|\d{12}):network-connector:[A-Za-z0-9_:-]+$/, "must be the ARN of a network connector");
const connectors = z.array(connectorArn).min(1);

/** Baselines that the managed base image takes, in MiB; a machine bursts to four times as much (AWS, "MicroVM sizing"). */
export const MICROVM_MEMORY_MIB = [512, 1024, 2048, 4096, 8192] as const;

/** What the stack tells the functions about its sandboxes: SERAC_SANDBOX, as JSON. */
const microvmSettings = z.strictObject({
  /** `arn:<partition>:lambda:<region>:<account>:microvm-image:<prefix>`: every image's name begins like that, and permissions end there. */
  imageArnPrefix: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:microvm-image:[A-Za-z0-9][A-Za-z0-9-]{0,23}$/,
      "must be the ARN of a microVM image, cut after the first letters of its name",
    ),
  /** The managed image that ours are built upon, such as `arn:aws:lambda:us-east-1:aws:microvm-image:al2023-1`. */
  baseImageArn: z.string().regex(ARN, "must be an ARN"),
  baseImageVersion: z.string().min(1).optional(),
  /** What the Dockerfile is built `FROM`: a Debian with Node 24, by whatever name the region's builders can pull it. */
  baseContainer: z.string().regex(/^[^\s"'`$\\]+$/, "must be the name of a container image"),
  /** Reads the archive of the image and writes the log of its build; nothing inside a machine ever has it. */
  buildRoleArn: z.string().regex(ARN, "must be an ARN"),
  /** Where builds write their log. */
  logGroup: z.string().min(1),
  /** While an image is built, `environment.install` reaches the network through these. */
  buildEgressConnectors: connectors,
  /** How the functions reach a machine over HTTPS. */
  ingressConnectors: connectors.refine((all) => !all.some((arn) => arn.endsWith(":SHELL_INGRESS")), "must not let a shell in"),
  /** What a machine reaches: isolated subnets without a way out. */
  egressConnectors: connectors.refine((all) => !all.some((arn) => arn.endsWith(":INTERNET_EGRESS")), "must not lead to the internet"),
  /** The platform ends a machine after that, whatever happens to its owner. */
  maximumDurationSeconds: z.int().min(60).max(28_800).default(1_200),
  /** Machines that started longer ago have lost their owner: no function lives as long. */
  ownerSeconds: z.int().min(60).max(28_800).default(960),
  /** From the request for a machine to its first answer. */
  startSeconds: z.int().min(5).max(600).default(90),
  /** At least as much; more where `environment` needs it. */
  memoryMib: z.literal(MICROVM_MEMORY_MIB).default(2048),
  /** Folder of the bucket where the archives of images lie while they are built. */
  archivePrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*\/$/, "must be a folder, such as sandbox-images/")
    .default("sandbox-images/"),
});

export type MicrovmSettings = z.infer<typeof microvmSettings>;
export type MicrovmSettingsInput = z.input<typeof microvmSettings>;

/** Throws InputError("config_invalid") that names the key. */
export function readMicrovmSettings(text: string): MicrovmSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError("config_invalid", "The settings of the microVM sandbox (SERAC_SANDBOX) are no JSON.", { hint: HINT, cause });
  }
  const read = microvmSettings.safeParse(value);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const key = first?.path.join(".") ?? "";
  throw new InputError(
    "config_invalid",
    `The settings of the microVM sandbox (SERAC_SANDBOX): ${key === "" ? "" : `${key}: `}${first?.message ?? "invalid"}.`,
    {
      hint: HINT,
    },
  );
}

const HINT = "The sandbox stack writes them; deploy it again.";
