import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";

import { TABLE } from "../../core/config/cloud/names.ts";

export interface StateTableProps {
  readonly isKept: boolean;
  readonly key: IKey | undefined;
}

const text = (name: string): { name: string; type: AttributeType } => ({ name, type: AttributeType.STRING });

/** Runs, samples, leases, spend, keys: one table, paid by request, restorable to any second of the last 35 days. */
export class StateTable extends TableV2 {
  constructor(scope: Construct, id: string, { isKept, key }: StateTableProps) {
    super(scope, id, {
      partitionKey: text(TABLE.partitionKey),
      sortKey: text(TABLE.sortKey),
      timeToLiveAttribute: TABLE.timeToLive,
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: isKept,
      ...(key === undefined ? {} : { encryption: TableEncryptionV2.customerManagedKey(key) }),
      globalSecondaryIndexes: [
        {
          indexName: TABLE.index.name,
          partitionKey: text(TABLE.index.partitionKey),
          sortKey: text(TABLE.index.sortKey),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
