import { ArnFormat, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { SECRET_PREFIX } from "../../../core/config/cloud/names.ts";
import type { Permission } from "./permission.ts";

/** Secrets are made by people, and named in a run's configuration. */
export const readSecrets = (scope: Construct): Permission => ({
  sid: "ReadSecrets",
  actions: ["secretsmanager:GetSecretValue"],
  resources: [
    Stack.of(scope).formatArn({
      service: "secretsmanager",
      resource: "secret",
      resourceName: `${SECRET_PREFIX}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  ],
  wildcard: "Each run names its own secret, and AWS adds letters to the name; serac/ is the part that is known.",
});
