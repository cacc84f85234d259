import { Aws } from "aws-cdk-lib";
import type { Estate } from "../estate.ts";
import { readObjects, removeObjects, writeObjects } from "./objects.ts";
import type { Permission } from "./permission.ts";

const IMAGES = "One image a run, made at run time, all with the deployment's prefix.";
const IN_THIS_REGION = { StringEquals: { "aws:RequestedRegion": Aws.REGION } };

export const ARCHIVE_FOLDER = "sandbox-images/";

/** Actions on a machine are allowed by the image that it runs from. Without a sandbox: nothing. */
export function runMachines({ sandbox }: Estate): Permission[] {
  if (sandbox === null) return [];
  return [
    {
      sid: "RunMachines",
      actions: ["lambda:RunMicrovm", "lambda:GetMicrovm", "lambda:CreateMicrovmAuthToken", "lambda:TerminateMicrovm"],
      resources: [`${sandbox.imageArnPrefix}*`],
      wildcard: IMAGES,
    },
    passConnectors(),
  ];
}

/** Builds the image of a run and knows how far the build is. */
export function buildImages(estate: Estate): Permission[] {
  const { sandbox } = estate;
  if (sandbox === null) return [];
  return [
    {
      sid: "CreateImages",
      // Tags that come with the image are allowed by an action of their own.
      actions: ["lambda:CreateMicrovmImage", "lambda:TagResource"],
      resources: ["*"],
      conditions: IN_THIS_REGION,
      wildcard: "AWS checks these two against no resource: the image has no name before it is made.",
    },
    {
      sid: "FollowImages",
      actions: ["lambda:GetMicrovmImage", "lambda:GetMicrovmImageVersion", "lambda:ListMicrovmImageBuilds", "lambda:GetMicrovmImageBuild"],
      resources: [`${sandbox.imageArnPrefix}*`],
      wildcard: IMAGES,
    },
    // No condition on iam:PassedToService: the service does not fill it in when it checks the role of a build.
    { sid: "PassBuildRole", actions: ["iam:PassRole"], resources: [sandbox.buildRoleArn] },
    passConnectors(),
    ...[readObjects, writeObjects, removeObjects].map((on) => named(on(estate, sandbox.archivePrefix ?? ARCHIVE_FOLDER), "Archives")),
  ];
}

export function removeImages(estate: Estate): Permission[] {
  const { sandbox } = estate;
  if (sandbox === null) return [];
  return [
    {
      sid: "RemoveImages",
      actions: ["lambda:GetMicrovmImage", "lambda:DeleteMicrovmImage"],
      resources: [`${sandbox.imageArnPrefix}*`],
      wildcard: IMAGES,
    },
    named(removeObjects(estate, sandbox.archivePrefix ?? ARCHIVE_FOLDER), "Archives"),
  ];
}

export function endMachines({ sandbox }: Estate): Permission[] {
  if (sandbox === null) return [];
  return [
    { sid: "EndMachines", actions: ["lambda:TerminateMicrovm"], resources: [`${sandbox.imageArnPrefix}*`], wildcard: IMAGES },
    {
      sid: "ListMachines",
      actions: ["lambda:ListMicrovms", "lambda:ListMicrovmImages"],
      resources: ["*"],
      conditions: IN_THIS_REGION,
      wildcard: "Lists of an account have no resource.",
    },
  ];
}

const passConnectors = (): Permission => ({
  sid: "PassConnectors",
  actions: ["lambda:PassNetworkConnector"],
  resources: ["*"],
  conditions: IN_THIS_REGION,
  wildcard:
    "AWS checks this action against no resource. Which connectors are passed is the sandbox driver's, and asserted on its requests.",
});

const named = (permission: Permission, suffix: string): Permission => ({ ...permission, sid: `${permission.sid}${suffix}` });
