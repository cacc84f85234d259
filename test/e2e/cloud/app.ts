import { App, CfnOutput } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { MicrovmSettingsInput } from "../../../core/config/cloud/microvm.ts";
import type { TrainingSettings } from "../../../core/config/cloud/training.ts";
import type { CloudFunction } from "../../../core/config/cloud/names.ts";
import { resolveDeployment } from "../../../lib/deployment/read.ts";
import { addSerac } from "../../../lib/serac-app.ts";

/** What the tests deploy: the stacks as they are, with machines of the tests', each function before a door of its own to the cloud. */
export interface TestApp {
  readonly deployment: object;
  readonly bundles: string;
  readonly sandbox: MicrovmSettingsInput;
  /** Queues of trainings; left out: no models are trained. */
  readonly training?: TrainingSettings | undefined;
  /** More of the environment of each function. */
  readonly environment: Readonly<Record<CloudFunction, Readonly<Record<string, string>>>>;
}

/**
 * AWS allows a batch by the action of its parts; ministack 1.5.33 by an action of its own, which AWS does not have. Apart from the
 * function's own policy, with which the tests compare its calls.
 */
const BATCHES = new PolicyStatement({
  actions: ["sqs:SendMessageBatch", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"],
  resources: ["*"],
});

// The CDK CLI runs this file.
const settings = JSON.parse(process.env["SERAC_TEST_APP"]!) as TestApp;
const deployment = resolveDeployment([{ source: "the test", value: settings.deployment, where: () => null }]);
const app = new App();
const stacks = addSerac(app, {
  deployment,
  assets: (name) => `${settings.bundles}/${name}`,
  version: "0.0.0-test",
  sandbox: settings.sandbox,
  ...(settings.training === undefined ? {} : { training: settings.training }),
});
for (const [stack, functions] of [
  [stacks.forge, stacks.forge.functions],
  [stacks.api, stacks.api.functions],
] as const) {
  for (const [name, bundled] of Object.entries(functions)) {
    const { function: lambda } = bundled;
    for (const [key, value] of Object.entries(settings.environment[name as CloudFunction])) lambda.addEnvironment(key, value);
    lambda.addToRolePolicy(BATCHES);
    new CfnOutput(stack, `${name}Name`, { value: lambda.functionName });
    new CfnOutput(stack, `${name}Role`, { value: lambda.role!.roleName });
  }
}
