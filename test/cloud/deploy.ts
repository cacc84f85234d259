import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ministack, REGION } from "./ministack.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const CDK = join(root, "node_modules/.bin/cdk");

export interface DeployRequest {
  /** TypeScript, run by this Node. */
  readonly app: string;
  readonly stacks: readonly string[];
  /** What the app reads beside the CDK's own. */
  readonly env: Readonly<Record<string, string>>;
  /** For what the CDK writes. */
  readonly folder: string;
}

export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `cdk bootstrap` and `cdk deploy` as a user runs them. Rejects with everything that the CDK said. */
export async function deploy(cloud: Ministack, request: DeployRequest): Promise<StackOutputs> {
  const out = join(request.folder, "cdk.out");
  const outputs = join(request.folder, "outputs.json");
  const env = {
    PATH: `${join(process.execPath, "..")}:/usr/bin:/bin`,
    // The CLI keeps what it knows of accounts there, by access key.
    HOME: request.folder,
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DISABLE_VERSION_CHECK: "1",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CI: "1",
    NO_COLOR: "1",
    ...request.env,
  };
  const app = ["--app", `${process.execPath} ${request.app}`, "--output", out];
  await cdk(["bootstrap", `aws://${cloud.credentials.accessKeyId}/${REGION}`], { cwd: request.folder, env });
  await cdk(["deploy", ...request.stacks, "--require-approval", "never", "--outputs-file", outputs, ...app], { cwd: root, env });
  return JSON.parse(await readFile(outputs, "utf8")) as StackOutputs;
}

async function cdk(args: readonly string[], where: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<void> {
  const child = spawn(process.execPath, [CDK, ...args], { ...where, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((done, failed) => child.once("error", failed).once("close", done));
  if (code !== 0) throw new Error(`cdk ${args[0]} ended with ${code}:\n${said}`);
}
