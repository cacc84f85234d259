import { CLOUD_FUNCTIONS, type CloudFunction } from "../../../core/config/cloud/names.ts";
import type { Cloud } from "./cloud.ts";
import { allows, statementsOf, type Statement } from "./policy.ts";

const roleOf = ({ forge, api }: Cloud, name: CloudFunction): string | undefined => forge[`${name}Role`] ?? api[`${name}Role`];

/** The functions that there are, each with its role. */
const deployedIn = (cloud: Cloud): (readonly [name: CloudFunction, role: string])[] =>
  CLOUD_FUNCTIONS.flatMap((name) => {
    const role = roleOf(cloud, name);
    return role === undefined ? [] : [[name, role] as const];
  });

/** Calls that a function made and its own policy does not allow, or that were refused. */
export async function outsidePolicy(cloud: Cloud): Promise<string[]> {
  const found = new Set<string>();
  for (const [name, role] of deployedIn(cloud)) {
    const statements = await statementsOf(cloud, role);
    for (const call of cloud.calls[name]) {
      if (call.status === 403) found.add(`${name}: ${call.action} on ${call.resource} was refused`);
      if (!statements.some((statement) => allows(statement, call))) found.add(`${name}: ${call.action} on ${call.resource} is not allowed`);
    }
  }
  return [...found];
}

/** `worker RunMachines lambda:RunMicrovm`: function, statement, action. */
export async function unusedPermissions(cloud: Cloud): Promise<string[]> {
  const found: string[] = [];
  for (const [name, role] of deployedIn(cloud)) {
    for (const statement of await statementsOf(cloud, role)) {
      for (const action of statement.actions) {
        const alone: Statement = { ...statement, actions: [action] };
        if (!cloud.calls[name].some((call) => allows(alone, call))) found.push(`${name} ${statement.sid} ${action}`);
      }
    }
  }
  return found;
}

/** Why a permission is given although no call of these tests needed it. */
const REASONS: readonly (readonly [permissions: RegExp, reason: string])[] = [
  [/ logs:(CreateLogStream|PutLogEvents)$/, "Lambda itself writes what the function prints."],
  [/ sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/, "Lambda itself feeds the function from its queue."],
  [/^intake ReportFailures sqs:SendMessage$/, "Lambda itself puts a drop there that failed three times."],
  [
    /^(prepare|worker|finish) ReceiveTasks sqs:ChangeMessageVisibility$/,
    "A task that failed comes back soon; the functions here died or succeeded.",
  ],
  [/ ListObjects s3:ListBucket$/, "Without it S3 says of an object that is missing that it is forbidden."],
  [/ s3:AbortMultipartUpload$/, "An upload in parts that breaks off, which none did."],
  [
    / Rows dynamodb:Query$/,
    "Shows no row that the function could not get by its key; the reaper looks for samples of runs that stand still.",
  ],
  [
    / Rows dynamodb:ConditionCheckItem$/,
    "A call of a run whose budget is lifted at that moment: it checks the budget's row and does not change it.",
  ],
  [/^prepare PassBuildRole iam:PassRole$/, "AWS checks it when an image is made; it is no call of its own."],
  [
    / PassConnectors lambda:PassNetworkConnector$/,
    "AWS checks it when an image is made or a machine is started; it is no call of its own.",
  ],
  [
    /^prepare (FollowImages lambda:(DeleteMicrovmImage|ListMicrovmImageBuilds)|ReadBuildLog logs:GetLogEvents)$/,
    "An image that could not be built is told of with the end of its log, and removed; all were built.",
  ],
  [/^bury (ReadObjects s3:GetObject|WriteObjects s3:PutObject)$/, "A run that ends by a dead letter tells its drop; here a sample did."],
  [/ RunMachines lambda:GetMicrovm$/, "A machine that does not run yet when its start is answered, which is a matter of moments."],
  [
    /^finish RemoveImages lambda:TerminateMicrovm$/,
    "A machine that still runs when its run ends; whether one does is a matter of moments.",
  ],
  [
    /^reaper (SendTasks sqs:SendMessage|WriteObjects s3:PutObject|RemoveArchives s3:DeleteObject|Rows dynamodb:UpdateItem|RemoveImages lambda:(TerminateMicrovm|DeleteMicrovmImage)|LookAtImages lambda:GetMicrovmImage)$/,
    "For what was lost; whether anything is, is a matter of moments.",
  ],
];

/** Null: nobody has said why. */
export const reasonFor = (permission: string): string | null => REASONS.find(([pattern]) => pattern.test(permission))?.[1] ?? null;
