import { Tags, type App, type Environment } from "aws-cdk-lib";

import type { CloudFunction } from "../core/config/cloud/names.ts";
import type { Estate } from "./constructs/estate.ts";
import type { Deployment } from "./deployment/schema.ts";
import { ApiStack } from "./stacks/api-stack.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { ForgeStack } from "./stacks/forge-stack.ts";
import { OpsStack } from "./stacks/ops-stack.ts";
import { SandboxStack } from "./stacks/sandbox-stack.ts";
import { TenantSandboxStack } from "./stacks/tenant-sandbox-stack.ts";
import { TrainingStack } from "./stacks/training-stack.ts";
import { DEPLOYMENT_TAG } from "./tags.ts";

export interface SeracAppProps {
  readonly deployment: Deployment;
  /** Folder of a function's bundle, or of an image: of the tenants' function, of the trainer. */
  readonly assets: (bundle: CloudFunction | "tenant" | "trainer") => string;
  readonly version: string;
  /** Machines that somebody else provides; then there is no sandbox stack. Left out: as the deployment says. */
  readonly sandbox?: Estate["sandbox"];
  /** The same of the queues of trainings. */
  readonly training?: Estate["training"];
}

export interface SeracStacks {
  readonly data: DataStack;
  readonly sandbox: SandboxStack | TenantSandboxStack | null;
  readonly training: TrainingStack | null;
  readonly forge: ForgeStack;
  readonly api: ApiStack;
  readonly ops: OpsStack;
}

/** The stacks of one deployment: `SeracData`, `SeracForge` … for the name `serac`. */
export function addSerac(app: App, { deployment, assets, version, sandbox: provided, training: queues }: SeracAppProps): SeracStacks {
  const prefix = prefixOf(deployment.name);
  const common = { deployment, ...environmentOf(deployment) };
  const data = new DataStack(app, `${prefix}Data`, common);
  const sandbox = provided === undefined ? sandboxOf() : null;
  const settings = sandbox?.settings ?? provided ?? null;
  const training = queues === undefined ? trainingOf() : null;
  const forge = new ForgeStack(app, `${prefix}Forge`, {
    ...common,
    stored: data.stored,
    sandbox: settings,
    training: training?.settings ?? queues ?? null,
    assets,
    version,
  });
  const api = new ApiStack(app, `${prefix}Api`, { ...common, estate: forge.estate, assets, version });
  const functions = Object.fromEntries(
    Object.entries({ ...forge.functions, ...api.functions }).map(([name, bundled]) => [name, bundled.function]),
  );
  const ops = new OpsStack(app, `${prefix}Ops`, { ...common, estate: forge.estate, functions, failedDrops: forge.failedDrops });

  /** Another name for another kind: CloudFormation removes nothing that another stack still uses, so both are there while one takes the other's place. */
  function sandboxOf(): SandboxStack | TenantSandboxStack | null {
    switch (deployment.sandbox.kind) {
      case "microvm":
        return new SandboxStack(app, `${prefix}Sandbox`, { ...common, bucket: data.stored.bucket });
      case "tenant":
        return new TenantSandboxStack(app, `${prefix}TenantSandbox`, { ...common, image: assets("tenant") });
      default:
        return null;
    }
  }
  function trainingOf(): TrainingStack | null {
    const { training: wanted } = deployment;
    if (wanted === undefined) return null;
    return new TrainingStack(app, `${prefix}Training`, { ...common, training: wanted, stored: data.stored, image: assets("trainer") });
  }
  Tags.of(app).add("application", "serac");
  Tags.of(app).add(DEPLOYMENT_TAG, deployment.name);
  return { data, sandbox, training, forge, api, ops };
}

/** `serac` -> `Serac`, `team-b` -> `TeamB`. */
const prefixOf = (name: string): string =>
  name
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");

/** Without account and region the stacks go where the credentials of the deployment are. */
function environmentOf({ account, region }: Deployment): { env?: Environment } {
  if (account === undefined && region === undefined) return {};
  return { env: { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) } };
}
