import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

import { ArtifactsBucket } from "../constructs/artifacts-bucket.ts";
import type { Estate } from "../constructs/estate.ts";
import { StateTable } from "../constructs/state-table.ts";
import type { Deployment } from "../deployment/schema.ts";

/**
 * What outlives everything else: the bucket and the table. They stay when the stack is destroyed, unless the settings say otherwise.
 * Their logical ids are for ever: another id is another bucket, and an empty one.
 */
export class DataStack extends Stack {
  readonly stored: Pick<Estate, "bucket" | "table" | "key">;

  constructor(scope: Construct, id: string, { deployment, ...props }: StackProps & { readonly deployment: Deployment }) {
    super(scope, id, { description: "serac: drops, runs, datasets and their state", ...props });
    const { keep, keyArn } = deployment.data;
    const { dropDays, uploadDays, replacedDays } = deployment.retention;
    const key = keyArn === undefined ? undefined : Key.fromKeyArn(this, "Key", keyArn);
    const days = { drops: dropDays, uploads: uploadDays, replaced: replacedDays };
    const bucket = new ArtifactsBucket(this, "Artifacts", { isKept: keep, key, days });
    const table = new StateTable(this, "State", { isKept: keep, key });
    this.stored = { bucket, table, key };
    new CfnOutput(this, "ArtifactsBucket", { value: bucket.bucketName, description: "Drops, runs and datasets." });
    new CfnOutput(this, "StateTable", { value: table.tableName, description: "Runs, samples, spend, keys." });
    new CfnOutput(this, "Kept", {
      value: keep ? "bucket and table" : "nothing",
      description: "What cdk destroy leaves in the account.",
    });
  }
}
