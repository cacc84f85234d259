import { Match } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { CLOUD_FUNCTIONS, CLOUD_QUEUES, MAX_TASK_RECEIVES } from "../../../core/config/cloud/names.ts";
import { MAX_RECEIVES } from "../../../core/svg/queue.ts";
import { droppedIn } from "../../../lambdas/intake/event.ts";
import { type Statement, statementsOf } from "./policies.ts";
import { GATEWAY, TRAINING, type Resource, synthesize, type Synthesized } from "./synthesis.ts";

let made: Synthesized;
let forge: Readonly<Record<string, Resource>>;
beforeAll(() => {
  made = synthesize({ teacherConcurrency: 77, gateway: GATEWAY, training: TRAINING, workers: { memoryMb: 320, reservedConcurrency: 80 } });
  forge = made.resources("SeracForge");
}, 60_000);

const expectResource = (type: string, properties: unknown): void => made.templates["SeracForge"]!.hasResourceProperties(type, properties);

const ofType = (type: string, among = forge): [string, Record<string, unknown>][] =>
  Object.entries(among).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, { ...Properties }]] : []));

describe("the queues", () => {
  it("each have dead letters, which come after as many receives as everywhere", () => {
    expect(MAX_TASK_RECEIVES).toBe(MAX_RECEIVES);
    const queues = ofType("AWS::SQS::Queue").filter(([id]) => /^(Prepare|Work|Finish|Train)Queue/.test(id));
    expect(queues).toHaveLength(CLOUD_QUEUES.length);
    for (const [, properties] of queues) {
      expect(properties["RedrivePolicy"]).toEqual({
        deadLetterTargetArn: { "Fn::GetAtt": [expect.stringMatching(/^(Prepare|Work|Finish|Train)Dead/), "Arn"] },
        maxReceiveCount: MAX_RECEIVES,
      });
    }
  });

  it("hide a task for six times as long as its function may run, keep it for 14 days, and are encrypted", () => {
    for (const [id, properties] of ofType("AWS::SQS::Queue")) {
      const fed = { VisibilityTimeout: 6 * (id.startsWith("FailedDrops") ? 300 : 900) };
      expect(properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true, ...fed });
    }
  });

  it("let nobody in without TLS", () => {
    const policies = ofType("AWS::SQS::QueuePolicy");
    expect(policies).toHaveLength(ofType("AWS::SQS::Queue").length);
    for (const [, properties] of policies)
      expect(JSON.stringify(properties["PolicyDocument"])).toMatch(/"aws:SecureTransport":"false".*"Effect":"Deny"/);
  });
});

describe("the sources of the functions", () => {
  it("hand over one task at a time, each failing for itself, and no more workers than the teacher bears", () => {
    const sources = ofType("AWS::Lambda::EventSourceMapping");
    // Tasks, dead letters, and failed drops.
    expect(sources).toHaveLength(2 * CLOUD_QUEUES.length + 1);
    for (const [, properties] of sources)
      expect(properties).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ["ReportBatchItemFailures"] });
    expectResource("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^WorkQueue"), "Arn"] },
      FunctionName: { Ref: Match.stringLikeRegexp("^WorkerFunction") },
      ScalingConfig: { MaximumConcurrency: 77 },
    });
  });

  it("wake intake for what is below drops/ in this bucket, and for no journal entry", () => {
    expectResource("AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: [Match.anyValue()] }, object: { key: [{ prefix: "drops/" }] } },
      },
    });
    // What intake writes there wakes it, too; were it to write again, that would go on for ever.
    for (const key of ["drops/mine/result.json", "drops/result.json"]) {
      expect(droppedIn({ detail: { object: { key } } }, "drops/")).toBeNull();
    }
  });

  it("keep a drop that intake could not deal with", () => {
    expectResource("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: Match.stringLikeRegexp("^IntakeFunction") },
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [Match.stringLikeRegexp("^FailedDrops"), "Arn"] } } },
    });
  });

  it("give it back to intake, after a while", () => {
    expectResource("AWS::SQS::Queue", { DelaySeconds: 900, VisibilityTimeout: 1800 });
    expectResource("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^FailedDrops"), "Arn"] },
      FunctionName: { Ref: Match.stringLikeRegexp("^IntakeFunction") },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  it("wake the reaper every five minutes", () => {
    expectResource("AWS::Events::Rule", { ScheduleExpression: "rate(5 minutes)" });
  });
});

describe("the functions", () => {
  const all = () => [...ofType("AWS::Lambda::Function"), ...ofType("AWS::Lambda::Function", made.resources("SeracApi"))];

  it("are those that have bundles, and nothing that CDK added", () => {
    expect(all()).toHaveLength(CLOUD_FUNCTIONS.length);
  });

  it("run on Node 24 and arm64, each with a log of its own that is not kept for ever", () => {
    const logs = new Set<string>();
    for (const [, properties] of all()) {
      expect(properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
      logs.add(JSON.stringify(properties["LoggingConfig"]));
    }
    expect(logs.size).toBe(CLOUD_FUNCTIONS.length);
    for (const stack of ["SeracForge", "SeracApi", "SeracSandbox"])
      made.templates[stack]!.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  it("are as large as the settings say", () => {
    const [, worker] = all().find(([id]) => id.startsWith("WorkerFunction"))!;
    expect(worker).toMatchObject({ MemorySize: 320, ReservedConcurrentExecutions: 80, Timeout: 900 });
  });

  it("carry no key in their environment", () => {
    for (const [, properties] of all()) {
      const { Variables } = properties["Environment"] as { Variables: Record<string, unknown> };
      for (const name of Object.keys(Variables))
        expect(name).toMatch(/^SERAC_(TABLE|BUCKET|VERSION|SANDBOX|TRAINING|GATEWAY|(QUEUE|DEAD)_[A-Z]+)$/);
    }
  });
});

describe("permissions", () => {
  const statements = (): Statement[] => ["SeracForge", "SeracApi"].flatMap((stack) => statementsOf(made.resources(stack)));
  const of = (role: string): Statement[] => statements().filter((statement) => statement.role === `${role}FunctionRole`);

  it("name every action", () => {
    for (const { actions } of statements()) expect(actions.filter((action) => action.includes("*"))).toEqual([]);
  });

  it("stand for everything only where AWS knows no resource", () => {
    const everything = statements().filter(({ resources }) => resources.includes("*"));
    expect([...new Set(everything.flatMap(({ actions }) => actions))].toSorted()).toEqual([
      "batch:DescribeJobs",
      "batch:ListJobs",
      "lambda:CreateMicrovmImage",
      "lambda:ListMicrovmImages",
      "lambda:ListMicrovms",
      "lambda:PassNetworkConnector",
      "lambda:TagResource",
    ]);
    for (const { conditions } of everything)
      expect(conditions).toMatchObject({ StringEquals: { "aws:RequestedRegion": { Ref: "AWS::Region" } } });
  });

  it("let only finish write and remove datasets, and nobody remove a run", () => {
    const touching = (folder: string, action: string): string[] =>
      statements()
        .filter(({ actions, resources }) => actions.includes(action) && resources.some((resource) => resource.includes(`/${folder}/`)))
        .map(({ role }) => role);
    expect(touching("datasets", "s3:PutObject")).toEqual(["FinishFunctionRole"]);
    expect(touching("datasets", "s3:DeleteObject")).toEqual(["FinishFunctionRole"]);
    expect(touching("runs", "s3:DeleteObject")).toEqual([]);
    expect(touching("drops", "s3:DeleteObject")).toEqual([]);
  });

  it("let functions write nothing among drops but what came of them", () => {
    const written = statements().flatMap(({ actions, resources }) => (actions.includes("s3:PutObject") ? resources : []));
    const reports = ["<Artifacts>/drops/*/result.json", "<Artifacts>/drops/result.json"];
    expect(new Set(written.filter((resource) => resource.includes("/drops/")))).toEqual(new Set(reports));
  });

  it("open secrets only below serac/, and only to those who talk to a teacher or a model", () => {
    const opening = statements().filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"));
    expect(opening.map(({ role }) => role).toSorted()).toEqual(["GatewayFunctionRole", "PrepareFunctionRole", "WorkerFunctionRole"]);
    for (const { resources } of opening) expect(resources).toEqual(["arn:<Partition>:secretsmanager:<Region>:<AccountId>:secret:serac/*"]);
  });

  it("pass one role only, to builds of images, and let nobody into a machine's shell", () => {
    const passing = statements().filter(({ actions }) => actions.includes("iam:PassRole"));
    expect(passing.map(({ role, resources }) => [role, resources])).toEqual([["PrepareFunctionRole", ["<BuildRole>"]]]);
    expect(statements().flatMap(({ actions }) => actions)).not.toContain("lambda:CreateMicrovmShellAuthToken");
  });

  it("keep the worker away from datasets, from the control API's keys' list and from the queue of preparations", () => {
    const text = JSON.stringify(of("Worker"));
    expect(text).not.toMatch(/datasets|uploads|index\/listed|<PrepareQueue>/);
    expect(
      of("Worker")
        .find(({ sid }) => sid === "SendTasks")
        ?.resources.toSorted(),
    ).toEqual(["<FinishQueue>", "<WorkQueue>"]);
  });

  it("give the gateway the table's items and secrets, and nothing of runs", () => {
    expect(of("Gateway").map(({ sid }) => sid)).toEqual(["Rows", "ReadSecrets", "Log"]);
    expect(of("Gateway")[0]!.actions).toEqual(["dynamodb:GetItem", "dynamodb:UpdateItem"]);
  });

  it("open a customer's key to every function, where there is one", () => {
    const keyArn = "arn:aws:kms:eu-central-1:111111111111:key/00000000-0000-4000-8000-000000000000";
    const own = synthesize({ region: "eu-central-1", data: { keyArn }, gateway: GATEWAY, training: TRAINING });
    const using = ["SeracForge", "SeracApi"].flatMap((stack) => statementsOf(own.resources(stack))).filter(({ sid }) => sid === "UseKey");
    expect(using).toHaveLength(CLOUD_FUNCTIONS.length);
    for (const { actions, resources } of using) expect([actions, resources]).toEqual([["kms:Decrypt", "kms:GenerateDataKey"], [keyArn]]);
    own.templates["SeracData"]!.hasResourceProperties("AWS::S3::Bucket", {
      BucketEncryption: { ServerSideEncryptionConfiguration: [Match.objectLike({ BucketKeyEnabled: true })] },
    });
  });
});
