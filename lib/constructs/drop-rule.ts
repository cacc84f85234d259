import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import { DROPS_PREFIX } from "../../core/config/cloud/names.ts";

/** Tells `target` of everything below drops/, also of what it writes there itself: a pattern cannot say both "below" and "but not". */
export class DropRule extends Rule {
  constructor(scope: Construct, id: string, { bucket, target }: { readonly bucket: IBucket; readonly target: IFunction }) {
    super(scope, id, {
      description: "serac: a file was dropped",
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: DROPS_PREFIX }] } },
      },
      targets: [new LambdaFunction(target)],
    });
  }
}
