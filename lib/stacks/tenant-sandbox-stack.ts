import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { TENANT_DISK_MB, type TenantSettingsInput } from "../../core/config/cloud/tenant.ts";
import { IsolatedNetwork } from "../constructs/isolated-network.ts";
import { BASE_FOLDER } from "../constructs/permissions/tenants.ts";
import { SandboxFunction } from "../constructs/sandbox-function.ts";
import type { Deployment } from "../deployment/schema.ts";

export interface TenantSandboxStackProps extends StackProps {
  readonly deployment: Deployment;
  /** Folder with the Dockerfile of the function's image. */
  readonly image: string;
}

/** Where the commands of rollouts run when there are no microVMs: environments of one function, which reach nothing. */
export class TenantSandboxStack extends Stack {
  /** For SERAC_SANDBOX. */
  readonly settings: TenantSettingsInput;

  constructor(scope: Construct, id: string, { deployment, image, ...props }: TenantSandboxStackProps) {
    super(scope, id, { description: "serac: a function for rollouts, without a way out", ...props });
    const { name, sandbox, retention } = deployment;
    const network = new IsolatedNetwork(this, "Network", { existing: sandbox.vpc, logDays: retention.logDays });
    const { function: made } = new SandboxFunction(this, "Machine", {
      name: `${name}-sandbox`,
      image,
      baseContainer: sandbox.baseContainer,
      network,
      memoryMb: sandbox.functionMemoryMb,
      diskMb: TENANT_DISK_MB,
      logDays: retention.logDays,
    });
    this.settings = {
      kind: "tenant",
      functionArn: made.functionArn,
      memoryMb: sandbox.functionMemoryMb,
      diskMb: TENANT_DISK_MB,
      basePrefix: BASE_FOLDER,
    };
    new CfnOutput(this, "SandboxSettings", { value: JSON.stringify(this.settings), description: "SERAC_SANDBOX of the functions." });
  }
}
