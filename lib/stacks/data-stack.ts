import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

const UPLOAD_DAYS = 2;

/** What outlives everything else: the bucket of drops, runs, datasets and models. It stays when the stack is destroyed. */
export class DataStack extends Stack {
  readonly artifacts: IBucket;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, { description: "serac: drops, runs, datasets and models", ...props });
    this.artifacts = new Bucket(this, "Artifacts", {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: RemovalPolicy.RETAIN,
      // Parts of uploads that died are paid for until somebody removes them.
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(UPLOAD_DAYS) }],
    });
    new CfnOutput(this, "ArtifactsBucket", { value: this.artifacts.bucketName });
  }
}
