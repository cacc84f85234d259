import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { CLOUD_FUNCTIONS, type CloudFunction } from "../../../core/config/cloud/names.ts";
import type { TrainingSettings } from "../../../core/config/cloud/training.ts";
import type { RehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { buildLambdas } from "../../../scripts/build-lambdas.ts";
import { type CloudCall, callsOf } from "../../cloud/calls.ts";
import { deploy, type StackOutputs } from "../../cloud/deploy.ts";
import { type FrontOptions, openFront, type PassingCall } from "../../cloud/front.ts";
import { type Ministack, REGION, startMinistack } from "../../cloud/ministack.ts";
import { startMicrovmApi, type FakeMicrovmApi } from "../../microvm/fake-api.ts";
import { SETTINGS } from "../../microvm/settings.ts";
import type { TestApp } from "./app.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

/** As the fake of the microVMs has it. */
const ACCOUNT = "111111111111";
export const TEACHER_KEY = "sk-rehearsal-cloud-0001";
export const TEACHER_SECRET = "serac/teacher";
/** Instead of an hour and a half: a sample whose worker died comes back soon, and one that takes longer comes twice, which does no harm. */
const SAMPLE_HIDDEN_SECONDS = 10;
/** What takes longer is a dead letter after five times, and nothing here dies over these: on a busy machine they may take a minute. */
const OTHERS_HIDDEN_SECONDS = 300;
export const PRICE = { input: 1, cachedInput: 0.1, output: 4 };

/** What a function called, and how it was answered. */
export interface RecordedCall extends CloudCall {
  readonly status: number;
}

export interface Watcher {
  /** False: the call is lost on its way. */
  readonly mayPass?: (name: CloudFunction, call: PassingCall) => Promise<boolean>;
  /** The cloud has done it, the function does not know yet. */
  readonly onAnswer?: (name: CloudFunction, call: PassingCall) => Promise<void>;
}

/** One deployment of serac on this machine: the real stacks and bundles, with machines and a teacher beside it. */
export interface Cloud {
  readonly ministack: Ministack;
  readonly clients: {
    readonly s3: S3Client;
    readonly sqs: SQSClient;
    readonly dynamo: DynamoDBClient;
    readonly iam: IAMClient;
    readonly lambda: LambdaClient;
    readonly secrets: SecretsManagerClient;
  };
  readonly names: { readonly bucket: string; readonly table: string };
  readonly forge: Readonly<Record<string, string>>;
  readonly api: Readonly<Record<string, string>>;
  /** One for each run, so that each has a ledger of its own. All want the same key. */
  newTeacher(): Promise<RehearsalTeacher>;
  readonly machines: FakeMicrovmApi;
  readonly calls: Readonly<Record<CloudFunction, RecordedCall[]>>;
  /** Tests that do something at a certain call. */
  readonly watchers: Set<Watcher>;
  stop(): Promise<void>;
}

export interface CloudOptions {
  /** Queues of trainings, and where AWS Batch answers for them; left out: no models are trained. */
  readonly training?: { readonly settings: TrainingSettings; readonly endpoint: string };
  /** More of the environment of functions. */
  readonly environment?: Readonly<Partial<Record<CloudFunction, Readonly<Record<string, string>>>>>;
}

export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const folder = temporaryFolder();
  await using undo = new AsyncDisposableStack();
  undo.defer(() => removeFolder(folder));
  const bundles = join(folder, "lambdas");
  const building = buildLambdas(
    bundles,
    CLOUD_FUNCTIONS.filter((name) => name !== "gateway"),
  );
  const ministack = undo.adopt(await startMinistack(ACCOUNT), (started) => started.stop());
  const connection = { endpoint: ministack.endpoint, region: REGION, credentials: ministack.credentials };
  const clients = {
    s3: new S3Client({ ...connection, forcePathStyle: true }),
    sqs: new SQSClient({ ...connection, useQueueUrlAsEndpoint: false }),
    dynamo: new DynamoDBClient(connection),
    iam: new IAMClient(connection),
    lambda: new LambdaClient(connection),
    secrets: new SecretsManagerClient(connection),
  };
  undo.defer(() => Object.values(clients).forEach((client) => client.destroy()));
  const machines = undo.adopt(await startMicrovmApi({ readArchive: (uri) => objectAt(clients.s3, uri) }), (api) => api.stop());

  const calls = Object.fromEntries(CLOUD_FUNCTIONS.map((name) => [name, []])) as unknown as Record<CloudFunction, RecordedCall[]>;
  const watchers = new Set<Watcher>();
  const environment: Record<string, Record<string, string>> = {};
  for (const name of CLOUD_FUNCTIONS) {
    const front: FrontOptions = {
      mayPass: async (call) => {
        for (const { mayPass } of watchers) if ((await mayPass?.(name, call)) === false) return false;
        return true;
      },
      onAnswer: async (call, status) => {
        calls[name].push(...callsOf(call).map((found) => ({ ...found, status })));
        for (const { onAnswer } of watchers) await onAnswer?.(name, call);
      },
    };
    const toCloud = await ministack.openFront(front);
    const toMachines = undo.adopt(await openFront({ port: Number(new URL(machines.endpoint).port) }, front), (opened) => opened.close());
    const toJobs =
      options.training === undefined || name !== "train"
        ? null
        : undo.adopt(await openFront({ port: Number(new URL(options.training.endpoint).port) }, front), (opened) => opened.close());
    environment[name] = {
      AWS_ENDPOINT_URL: toCloud.endpoint,
      ...(toJobs === null ? {} : { AWS_ENDPOINT_URL_BATCH: toJobs.endpoint }),
      AWS_ENDPOINT_URL_LAMBDA_MICROVMS: toMachines.endpoint,
      ...options.environment?.[name],
    };
  }
  await building;
  const app: TestApp = {
    deployment: { account: ACCOUNT, region: REGION, teacherConcurrency: 4, sandbox: { kind: "none" } },
    bundles,
    sandbox: SETTINGS,
    training: options.training?.settings,
    environment: environment as TestApp["environment"],
  };
  const outputs = await deploy(ministack, {
    app: join(import.meta.dirname, "app.ts"),
    stacks: ["SeracData", "SeracForge", "SeracApi"],
    env: { SERAC_TEST_APP: JSON.stringify(app) },
    folder,
  });
  const { SeracData: data, SeracForge: forge, SeracApi: api } = outputs as StackOutputs & Record<string, Record<string, string>>;
  await clients.secrets.send(new CreateSecretCommand({ Name: TEACHER_SECRET, SecretString: TEACHER_KEY }));
  await comeBackAfter(clients.sqs, forge!["WorkQueue"]!, SAMPLE_HIDDEN_SECONDS);
  for (const name of ["PrepareQueue", "FinishQueue"]) await comeBackAfter(clients.sqs, forge![name]!, OTHERS_HIDDEN_SECONDS);
  const owned = undo.move();
  return {
    ministack,
    clients,
    names: { bucket: data!["ArtifactsBucket"]!, table: data!["StateTable"]! },
    forge: forge!,
    api: api!,
    newTeacher: async () =>
      owned.adopt(await startRehearsalTeacher({ seed: 1, price: PRICE, apiKey: TEACHER_KEY }), (teacher) => teacher.close()),
    machines,
    calls,
    watchers,
    stop: () => owned.disposeAsync(),
  };
}

async function objectAt(s3: S3Client, uri: string): Promise<Buffer> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from(await Body!.transformToByteArray());
}

async function comeBackAfter(sqs: SQSClient, QueueUrl: string, seconds: number): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }));
}
