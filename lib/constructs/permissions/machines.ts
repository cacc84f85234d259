import { ArnFormat, Aws, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

import type { MicrovmSettingsInput } from "../../../core/config/cloud/microvm.ts";
import type { Estate } from "../estate.ts";
import { removeObjects, streamObjects } from "./objects.ts";
import type { Permission } from "./permission.ts";

export const ARCHIVE_FOLDER = "sandbox-images/";

const NAMED_AT_RUN_TIME = "One image a run, made at run time, all with the deployment's prefix.";
const IN_THIS_REGION = { "aws:RequestedRegion": Aws.REGION };

type Sandbox = MicrovmSettingsInput;

/** Null where machines are none of microVMs. */
const microvmsOf = ({ sandbox }: Estate): Sandbox | null => (sandbox === null || "kind" in sandbox ? null : sandbox);

/** The images of this deployment: the driver puts a dash between the prefix and the rest. Machines are allowed by the image that they run from. */
const imagesOf = ({ imageArnPrefix }: Sandbox): Pick<Permission, "resources" | "wildcard"> => ({
  resources: [`${imageArnPrefix}-*`],
  wildcard: NAMED_AT_RUN_TIME,
});

/** Without a sandbox: nothing. */
export function runMachines(estate: Estate): Permission[] {
  const sandbox = microvmsOf(estate);
  if (sandbox === null) return [];
  return [
    {
      sid: "RunMachines",
      actions: ["lambda:RunMicrovm", "lambda:GetMicrovm", "lambda:CreateMicrovmAuthToken", "lambda:TerminateMicrovm"],
      ...imagesOf(sandbox),
    },
    {
      sid: "PassConnectors",
      actions: ["lambda:PassNetworkConnector"],
      resources: ["*"],
      conditions: { StringEquals: IN_THIS_REGION },
      wildcard: "AWS checks this action against no resource. Which connectors are passed is asserted on the sandbox driver's requests.",
    },
  ];
}

/** Builds the image of a run, and tells why a build failed. */
export function buildImages(estate: Estate, scope: Construct): Permission[] {
  const sandbox = microvmsOf(estate);
  if (sandbox === null) return [];
  return [
    {
      sid: "CreateImages",
      actions: ["lambda:CreateMicrovmImage"],
      resources: ["*"],
      conditions: { StringEquals: IN_THIS_REGION },
      wildcard: "AWS checks this action against no resource: the image has no name before it is made.",
    },
    {
      sid: "TagImages",
      actions: ["lambda:TagResource"],
      resources: ["*"],
      // So that nothing but serac's own marks can be set, whatever they are set on.
      conditions: { StringEquals: IN_THIS_REGION, "ForAllValues:StringLike": { "aws:TagKeys": ["serac-*"] } },
      wildcard: "Tags that come with a new image are checked against no resource.",
    },
    {
      sid: "FollowImages",
      actions: ["lambda:GetMicrovmImage", "lambda:ListMicrovmImageBuilds", "lambda:DeleteMicrovmImage"],
      ...imagesOf(sandbox),
    },
    {
      sid: "ReadBuildLog",
      actions: ["logs:GetLogEvents"],
      resources: [logStreamsOf(scope, sandbox.logGroup)],
      wildcard: "One stream an image, in a log group that holds nothing else.",
    },
    // No condition on iam:PassedToService: the service does not fill it in when it checks the role of a build.
    { sid: "PassBuildRole", actions: ["iam:PassRole"], resources: [sandbox.buildRoleArn] },
    { ...streamObjects(estate, folderOf(sandbox)), sid: "WriteArchives" },
    removeArchives(estate, sandbox),
  ];
}

/** Ends the machines of an image, and removes it. */
export function removeImages(estate: Estate): Permission[] {
  const sandbox = microvmsOf(estate);
  if (sandbox === null) return [];
  return [
    { sid: "RemoveImages", actions: ["lambda:DeleteMicrovmImage", "lambda:TerminateMicrovm"], ...imagesOf(sandbox) },
    list("ListMachines", "lambda:ListMicrovms"),
    removeArchives(estate, sandbox),
  ];
}

/** The same for images that no run needs. */
export function reapImages(estate: Estate): Permission[] {
  const sandbox = microvmsOf(estate);
  if (sandbox === null) return [];
  return [
    ...removeImages(estate),
    { sid: "LookAtImages", actions: ["lambda:GetMicrovmImage"], ...imagesOf(sandbox) },
    list("ListImages", "lambda:ListMicrovmImages"),
  ];
}

const list = (sid: string, action: string): Permission => ({
  sid,
  actions: [action],
  resources: ["*"],
  conditions: { StringEquals: IN_THIS_REGION },
  wildcard: "Lists of an account have no resource.",
});

const folderOf = ({ archivePrefix }: Sandbox): string => archivePrefix ?? ARCHIVE_FOLDER;

const removeArchives = (estate: Estate, sandbox: Sandbox): Permission => ({
  ...removeObjects(estate, folderOf(sandbox)),
  sid: "RemoveArchives",
});

const logStreamsOf = (scope: Construct, logGroup: string): string =>
  Stack.of(scope).formatArn({
    service: "logs",
    resource: "log-group",
    resourceName: `${logGroup}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
