import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { TrainingSettingsInput } from "../../core/config/cloud/training.ts";
import type { Estate } from "../constructs/estate.ts";
import { retentionOf } from "../constructs/log-retention.ts";
import { TrainingNetwork } from "../constructs/training/training-network.ts";
import { type TrainingDeployment, TrainingOffer } from "../constructs/training/training-offer.ts";
import { TrainingRoles } from "../constructs/training/training-roles.ts";
import type { Deployment } from "../deployment/schema.ts";
import { DEPLOYMENT_TAG } from "../tags.ts";

export interface TrainingStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly training: TrainingDeployment;
  readonly stored: Pick<Estate, "bucket" | "key">;
  /** Folder with the Dockerfile of the trainer's image. */
  readonly image: string;
}

/** Below the folder that the image is built from. */
const DOCKERFILE = "sft/Dockerfile";

/** Where models are trained: machines with GPUs that are there for a job, and queues before them. */
export class TrainingStack extends Stack {
  /** For SERAC_TRAINING. */
  readonly settings: TrainingSettingsInput;

  constructor(scope: Construct, id: string, { deployment, training, stored, image, ...props }: TrainingStackProps) {
    super(scope, id, { description: "serac: machines that train", ...props });
    const { name, retention } = deployment;
    const { bucket, key } = stored;
    const network = new TrainingNetwork(this, "Network", { existing: training.vpc, bucket, logDays: retention.logDays });
    const logGroup = new LogGroup(this, "Trainer", {
      logGroupName: `/serac/${name}/trainer`,
      retention: retentionOf(retention.logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const roles = new TrainingRoles(this, "Roles", { bucket, key, logGroup });
    // Built when the stack is deployed; a synthesis only looks at the files.
    const imageUri =
      training.image ??
      new DockerImageAsset(this, "Image", { directory: image, file: DOCKERFILE, platform: Platform.LINUX_AMD64 }).imageUri;
    this.settings = {
      machines: training.machines.map(
        (offered) =>
          new TrainingOffer(this, idOf(offered.type), {
            deployment: { name, training },
            offered,
            network,
            roles,
            logGroup,
            image: imageUri,
            // Machines that AWS Batch starts do not take the tags of the stack.
            tags: { application: "serac", [DEPLOYMENT_TAG]: name },
          }).settings,
      ),
      isSpotAlone: !training.onDemand,
    };
    new CfnOutput(this, "TrainingSettings", { value: this.toJsonString(this.settings), description: "SERAC_TRAINING of the functions." });
    new CfnOutput(this, "TrainerLog", { value: logGroup.logGroupName });
  }
}

/** `p5en.48xlarge` -> `P5en48xlarge`. */
const idOf = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1).replace(".", "");
