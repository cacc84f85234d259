import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import { DROPS_PREFIX, UPLOADS_PREFIX } from "../../core/config/cloud/names.ts";

/** Parts of uploads that died are paid for until somebody removes them. */
const DEAD_UPLOAD_DAYS = 2;

export interface ArtifactsBucketProps {
  readonly isKept: boolean;
  readonly key: IKey | undefined;
  readonly days: { readonly drops: number; readonly uploads: number; readonly replaced: number };
}

/** Drops, runs, datasets. TLS only, private, versioned; what came in goes away by itself, what was made stays. */
export class ArtifactsBucket extends Bucket {
  constructor(scope: Construct, id: string, { isKept, key, days }: ArtifactsBucketProps) {
    super(scope, id, {
      ...(key === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      versioned: true,
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      lifecycleRules: [
        { id: "DeadUploads", abortIncompleteMultipartUploadAfter: Duration.days(DEAD_UPLOAD_DAYS) },
        { id: "Replaced", noncurrentVersionExpiration: Duration.days(days.replaced), expiredObjectDeleteMarker: true },
        { id: "Drops", prefix: DROPS_PREFIX, expiration: Duration.days(days.drops) },
        { id: "Uploads", prefix: UPLOADS_PREFIX, expiration: Duration.days(days.uploads) },
      ],
    });
    // Through the property: the construct's own flag adds a function in Python that sets it after the deployment.
    if (this.node.defaultChild instanceof CfnBucket)
      this.node.defaultChild.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    Validations.of(this).acknowledge({
      id: "AwsSolutions-S1",
      reason:
        "One line of access log for each of the journal's writes would cost more than the journal. CloudTrail's data events record the same.",
    });
  }
}
