import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";

import type { CloudFunction } from "../../core/config/cloud/names.ts";
import { BundledFunction, type BundledFunctionProps } from "../constructs/bundled-function.ts";
import { environmentOf, gatewayEnvironmentOf } from "../constructs/environment.ts";
import type { Estate } from "../constructs/estate.ts";
import { permissionsOf } from "../constructs/permissions/of-functions.ts";
import { StreamingApi } from "../constructs/streaming-api.ts";
import type { Deployment } from "../deployment/schema.ts";

export interface ApiStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly estate: Estate;
  readonly assets: BundledFunctionProps["assets"];
  readonly version: string;
}

const CONTROL_PATHS = ["v1", "health"] as const;
/** What core/gateway answers to; everything else below /v1 is the control API's. */
const GATEWAY_PATHS = ["v1/messages", "v1/chat", "v1/models"] as const;
/** Requests come one at a time to a function; more memory is more CPU, which shortens its start. */
const CONTROL_MB = 1024;
/** It mostly waits for the model. */
const GATEWAY_MB = 512;

/** The way in: the control API, and beside it the gateway where the settings name models. */
export class ApiStack extends Stack {
  readonly api: StreamingApi;
  readonly functions: Readonly<Partial<Record<CloudFunction, BundledFunction>> & { control: BundledFunction }>;

  constructor(scope: Construct, id: string, { deployment, estate, assets, version, ...props }: ApiStackProps) {
    super(scope, id, { description: "serac: control API and gateway", ...props });
    const { logDays } = deployment.retention;
    this.api = new StreamingApi(this, "Api", { api: deployment.api, logDays });
    const control = new BundledFunction(this, "ControlFunction", {
      description: "serac: control API",
      bundle: "control",
      assets,
      memoryMb: CONTROL_MB,
      // Longer than API Gateway waits would be work for nobody.
      timeout: Duration.seconds(29),
      logDays,
      environment: environmentOf("control", estate, version),
      permissions: permissionsOf("control", this, estate),
    });
    for (const path of CONTROL_PATHS) this.api.answer(path, control.function);
    this.functions = { control };
    if (deployment.gateway !== undefined) {
      const gateway = new BundledFunction(this, "GatewayFunction", {
        description: "serac: gateway",
        bundle: "gateway",
        assets,
        memoryMb: GATEWAY_MB,
        timeout: Duration.minutes(15),
        logDays,
        environment: gatewayEnvironmentOf(estate, deployment.gateway),
        permissions: permissionsOf("gateway", this, estate),
      });
      for (const path of GATEWAY_PATHS) this.api.stream(path, gateway.function);
      // Clients look whether anybody is there before they ask.
      this.api.streamRoot(gateway.function);
      this.functions = { control, gateway };
    }
    new CfnOutput(this, "ApiUrl", { value: this.api.url, description: "For serac run --cloud, and for Claude Code." });
  }
}
