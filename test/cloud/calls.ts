import type { PassingCall } from "./front.ts";

/** One call in the words of IAM. A call that does several things is several of these. */
export interface CloudCall {
  /** `s3:GetObject`. */
  readonly action: string;
  /** The end of the ARN, after the account: `table/state`, `bucket/key`. Null where the call does not name it. */
  readonly resource: string | null;
}

const JSON_SERVICES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: "dynamodb",
  AmazonSQS: "sqs",
  secretsmanager: "secretsmanager",
  Logs_20140328: "logs",
};

/** Operations that are allowed by the action of another name (AWS service authorization reference). */
const SAME_AS: Readonly<Record<string, string>> = {
  "dynamodb:TransactGetItems": "dynamodb:GetItem",
  "sqs:SendMessageBatch": "sqs:SendMessage",
  "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
};

/** Throws for what it does not know: a call that nobody can name must not pass for an allowed one. */
export function callsOf({ method, path, headers, bodyHead }: PassingCall): readonly CloudCall[] {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return jsonCalls(target, bodyHead);
  const job = JOBS[path];
  if (method === "POST" && job !== undefined) return [{ action: `batch:${job}`, resource: null }];
  return isMicrovmPath(path) ? [microvmCall(method, path, bodyHead)] : [objectCall(method, path, headers)];
}

function jsonCalls(target: string, bodyHead: string): CloudCall[] {
  const [prefix = "", operation = ""] = target.split(".");
  const service = JSON_SERVICES[prefix];
  if (service === undefined) throw new Error(`An unknown service was called: ${target}`);
  const action = SAME_AS[`${service}:${operation}`] ?? `${service}:${operation}`;
  // A long body is cut, so members are searched and not parsed.
  const member = (name: string): string | undefined => new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(bodyHead)?.[1];
  switch (service) {
    case "dynamodb": {
      const tables = [
        ...new Set([...bodyHead.matchAll(/"TableName"\s*:\s*"([^"]+)"/g)].map(([, name]) => `table/${name!.split("/").at(-1)}`)),
      ];
      if (operation === "TransactWriteItems")
        return parts(bodyHead).flatMap((part) => tables.map((resource) => ({ action: part, resource })));
      if (operation === "BatchWriteItem" || operation === "BatchGetItem") {
        const [, name] = /"RequestItems"\s*:\s*\{\s*"([^"]+)"/.exec(bodyHead) ?? [];
        return [{ action, resource: `table/${name}` }];
      }
      const index = member("IndexName");
      return tables.map((resource) => ({ action, resource: index === undefined ? resource : `${resource}/index/${index}` }));
    }
    case "sqs":
      return [{ action, resource: member("QueueUrl")?.split("/").at(-1) ?? null }];
    case "secretsmanager":
      return [{ action, resource: `secret:${member("SecretId") ?? ""}` }];
    default: {
      const [group, stream] = [member("logGroupName") ?? "", member("logStreamName")];
      return [{ action, resource: `log-group:${group}${stream === undefined ? "" : `:log-stream:${stream}`}` }];
    }
  }
}

const PARTS = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem" } as const;

const parts = (body: string): string[] =>
  Object.entries(PARTS).flatMap(([part, action]) => (body.includes(`"${part}":{`) ? [`dynamodb:${action}`] : []));

function objectCall(method: string, target: string, headers: PassingCall["headers"]): CloudCall {
  const url = new URL(target, "http://s3");
  const [bucket = "", ...rest] = url.pathname.slice(1).split("/");
  const key = decodeURIComponent(rest.join("/"));
  const resource = `${bucket}/${key}`;
  const has = (name: string): boolean => url.searchParams.has(name);
  if (headers["x-amz-copy-source"] !== undefined) throw new Error("A copy reads as well as it writes; nothing here copies.");
  if (key === "") {
    if (method === "GET" && has("list-type")) return { action: "s3:ListBucket", resource: bucket };
    if (method === "GET" && has("uploads")) return { action: "s3:ListBucketMultipartUploads", resource: bucket };
    if (method === "HEAD") return { action: "s3:ListBucket", resource: bucket };
  } else {
    if (method === "GET" || method === "HEAD") return { action: "s3:GetObject", resource };
    if (method === "DELETE") return { action: has("uploadId") ? "s3:AbortMultipartUpload" : "s3:DeleteObject", resource };
    if (method === "PUT" || (method === "POST" && (has("uploads") || has("uploadId")))) return { action: "s3:PutObject", resource };
  }
  throw new Error(`An unknown call of S3: ${method} ${target}`);
}

/** AWS Batch. */
const JOBS: Readonly<Record<string, string>> = {
  "/v1/submitjob": "SubmitJob",
  "/v1/describejobs": "DescribeJobs",
  "/v1/listjobs": "ListJobs",
  "/v1/terminatejob": "TerminateJob",
};

const isMicrovmPath = (path: string): boolean => /^\/(2025-09-09|2017-03-31)\//.test(path);

const MICROVM: readonly (readonly [method: string, path: RegExp, actions: string])[] = [
  ["POST", /\/microvm-images$/, "CreateMicrovmImage"],
  ["GET", /\/microvm-images$/, "ListMicrovmImages"],
  ["GET", /\/microvm-images\/[^/]+$/, "GetMicrovmImage"],
  ["DELETE", /\/microvm-images\/[^/]+$/, "DeleteMicrovmImage"],
  ["GET", /\/microvm-images\/[^/]+\/versions\/[^/]+\/builds$/, "ListMicrovmImageBuilds"],
  ["POST", /\/microvms$/, "RunMicrovm"],
  ["GET", /\/microvms$/, "ListMicrovms"],
  ["GET", /\/microvms\/[^/]+$/, "GetMicrovm"],
  ["DELETE", /\/microvms\/[^/]+$/, "TerminateMicrovm"],
  ["POST", /\/microvms\/[^/]+\/auth-token$/, "CreateMicrovmAuthToken"],
  ["POST", /\/tags\/.+$/, "TagResource"],
];

/** Machines go by the image that they run from, which their own calls do not name. */
function microvmCall(method: string, target: string, bodyHead: string): CloudCall {
  const { pathname } = new URL(target, "http://lambda");
  const found = MICROVM.find(([verb, shape]) => verb === method && shape.test(pathname));
  if (found === undefined) throw new Error(`An unknown call of the microVMs: ${method} ${target}`);
  const named = /microvm-image(?::|%3A)([A-Za-z0-9_-]+)/.exec(pathname + bodyHead)?.[1] ?? /"name"\s*:\s*"([^"]+)"/.exec(bodyHead)?.[1];
  return { action: `lambda:${found[2]}`, resource: named === undefined ? null : `microvm-image:${named}` };
}
