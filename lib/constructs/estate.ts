import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IBucket } from "aws-cdk-lib/aws-s3";

import type { CloudQueue } from "../../core/config/cloud/names.ts";
import type { MicrovmSettingsInput } from "../../core/config/cloud/microvm.ts";
import type { TenantSettingsInput } from "../../core/config/cloud/tenant.ts";
import type { TrainingSettingsInput } from "../../core/config/cloud/training.ts";
import type { QueueWithDeadLetters } from "./queue-with-dead-letters.ts";

/** What the functions work on. */
export interface Estate {
  readonly bucket: IBucket;
  readonly table: ITableV2;
  /** Encrypts bucket and table; undefined where AWS's own keys do. */
  readonly key: IKey | undefined;
  readonly queues: Readonly<Record<CloudQueue, QueueWithDeadLetters>>;
  /** Null: this deployment has no machines. */
  readonly sandbox: MicrovmSettingsInput | TenantSettingsInput | null;
  /** Null: no models are trained in this deployment. */
  readonly training: TrainingSettingsInput | null;
}
