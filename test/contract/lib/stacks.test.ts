import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { readMicrovmSettings } from "../../../core/config/cloud/microvm.ts";
import { GATEWAY, synthesize, type Synthesized } from "./synthesis.ts";

let made: Synthesized;
const template = (name: string): Template => made.templates[`Serac${name}`]!;
const expectResource = (stack: string, type: string, properties: unknown): void => template(stack).hasResourceProperties(type, properties);
beforeAll(() => {
  made = synthesize({ gateway: GATEWAY, email: "somebody@example.com" });
}, 180_000);

describe("the data stack", () => {
  it("keeps bucket and table under the ids that they have: another id is another bucket, and an empty one", () => {
    const stateful = Object.entries(made.resources("SeracData")).filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain");
    expect(stateful.map(([id, { Type }]) => `${id} ${Type}`)).toEqual([
      "Artifacts82DD59A1 AWS::S3::Bucket",
      "State1C20CC9A AWS::DynamoDB::GlobalTable",
    ]);
    template("Data").hasOutput("Kept", { Value: "bucket and table" });
  });

  it("lets nobody in without TLS, and the public not at all", () => {
    expectResource("Data", "AWS::S3::BucketPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          Match.objectLike({ Effect: "Deny", Action: "s3:*", Condition: { NumericLessThan: { "s3:TlsVersion": 1.2 } } }),
        ]),
      }),
    });
    expectResource("Data", "AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it("clears away what came in and what died, and never a run or a dataset", () => {
    const rules = made.resources("SeracData")["Artifacts82DD59A1"]!.Properties!["LifecycleConfiguration"];
    expect(rules).toEqual({
      Rules: [
        { Id: "DeadUploads", Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
        { Id: "Replaced", Status: "Enabled", NoncurrentVersionExpiration: { NoncurrentDays: 30 }, ExpiredObjectDeleteMarker: true },
        { Id: "Drops", Status: "Enabled", Prefix: "drops/", ExpirationInDays: 30 },
        { Id: "Uploads", Status: "Enabled", Prefix: "uploads/", ExpirationInDays: 7 },
      ],
    });
  });

  it("tells EventBridge by a property, without a function that does it afterwards", () => {
    expectResource("Data", "AWS::S3::Bucket", {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    template("Data").resourceCountIs("AWS::Lambda::Function", 0);
  });

  it("pays the table by request, can restore it, and forgets items whose time is over", () => {
    expectResource("Data", "AWS::DynamoDB::GlobalTable", {
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      Replicas: [
        Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }, DeletionProtectionEnabled: true }),
      ],
    });
  });
});

describe("the sandbox stack", () => {
  it("has no way out: no gateway of any kind, no route, no resolver", () => {
    for (const type of [
      "InternetGateway",
      "NatGateway",
      "VPCEndpoint",
      "EgressOnlyInternetGateway",
      "Route",
      "EIP",
      "TransitGatewayAttachment",
    ])
      template("Sandbox").resourceCountIs(`AWS::EC2::${type}`, 0);
    expectResource("Sandbox", "AWS::EC2::VPC", { EnableDnsSupport: false, EnableDnsHostnames: false });
    template("Sandbox").allResourcesProperties("AWS::EC2::Subnet", { MapPublicIpOnLaunch: false });
  });

  it("puts machines behind a group that lets nothing in, and nothing out but to an address that nobody has", () => {
    template("Sandbox").allResourcesProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: "255.255.255.255/32" })],
    });
    expectResource("Sandbox", "AWS::Lambda::NetworkConnector", {
      Configuration: {
        VpcEgressConfiguration: Match.objectLike({
          AssociatedComputeResourceTypes: ["MicroVm"],
          SecurityGroupIds: [Match.anyValue()],
          SubnetIds: [Match.anyValue(), Match.anyValue()],
        }),
      },
    });
  });

  it("writes down what a machine tried to reach", () => {
    expectResource("Sandbox", "AWS::EC2::FlowLog", { TrafficType: "REJECT", ResourceType: "VPC" });
  });

  it("gives the functions settings that they can read", () => {
    const worker = Object.entries(made.resources("SeracForge")).find(([id]) => id.startsWith("WorkerFunctionC"))![1];
    const { Variables } = worker.Properties!["Environment"] as { Variables: Record<string, unknown> };
    const settings = readMicrovmSettings(filledIn(Variables["SERAC_SANDBOX"]));
    expect(settings).toMatchObject({
      imageArnPrefix: "arn:aws:lambda:eu-central-1:111111111111:microvm-image:serac-",
      buildEgressConnectors: ["arn:aws:lambda:eu-central-1:aws:network-connector:aws-network-connector:INTERNET_EGRESS"],
      ingressConnectors: ["arn:aws:lambda:eu-central-1:aws:network-connector:aws-network-connector:ALL_INGRESS"],
      egressConnectors: ["arn:aws:lambda:eu-central-1:111111111111:network-connector:made"],
      archivePrefix: "sandbox-images/",
    });
  });

  it("takes a network that is there, without asking the account about it", () => {
    const vpc = { id: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456789abcdef0"] };
    const other = synthesize({ sandbox: { vpc } });
    expect(Object.values(other.resources("SeracSandbox")).map(({ Type }) => Type)).not.toContain("AWS::EC2::VPC");
    other.templates["SeracSandbox"]!.hasResourceProperties("AWS::Lambda::NetworkConnector", {
      Configuration: { VpcEgressConfiguration: Match.objectLike({ SubnetIds: vpc.subnetIds }) },
    });
    other.templates["SeracSandbox"]!.hasResourceProperties("AWS::EC2::SecurityGroup", { VpcId: vpc.id });
  });

  it("is not there where machines are not wanted, and its permissions neither", () => {
    const without = synthesize({ sandbox: { kind: "none" } });
    expect(Object.keys(without.templates)).not.toContain("SeracSandbox");
    expect(JSON.stringify(without.resources("SeracForge"))).not.toMatch(/icrovm|SERAC_SANDBOX/);
  });
});

/** As CloudFormation would: pseudo parameters, and an ARN for whatever another stack exports. */
function filledIn(value: unknown): string {
  if (typeof value === "string") return value;
  const known: Record<string, string> = { "AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "111111111111" };
  const node = value as { "Fn::Join"?: [string, unknown[]]; Ref?: string; "Fn::ImportValue"?: string };
  if (node["Fn::Join"]) return node["Fn::Join"][1].map(filledIn).join(node["Fn::Join"][0]);
  if (node.Ref !== undefined) return known[node.Ref]!;
  if (/Egress/.test(node["Fn::ImportValue"]!)) return "arn:aws:lambda:eu-central-1:111111111111:network-connector:made";
  return "arn:aws:iam::111111111111:role/made";
}

describe("the API stack", () => {
  const methods = () =>
    Object.values(made.resources("SeracApi"))
      .filter(({ Type }) => Type === "AWS::ApiGateway::Method")
      .map(({ Properties }) => Properties!["Integration"] as { Uri: unknown; ResponseTransferMode?: string; TimeoutInMillis: number });

  it("streams what the gateway answers, for a quarter of an hour", () => {
    const streaming = methods().filter(({ ResponseTransferMode }) => ResponseTransferMode === "STREAM");
    expect(streaming).toHaveLength(7);
    for (const { Uri, TimeoutInMillis } of streaming) {
      expect(JSON.stringify(Uri)).toMatch(/2021-11-15.*GatewayFunction.*\/response-streaming-invocations/);
      expect(TimeoutInMillis).toBe(900_000);
    }
  });

  it("answers for the control API at once", () => {
    const whole = methods().filter(({ ResponseTransferMode }) => ResponseTransferMode === undefined);
    expect(whole).toHaveLength(4);
    for (const { Uri, TimeoutInMillis } of whole) {
      expect(JSON.stringify(Uri)).toMatch(/2015-03-31.*ControlFunction.*\/invocations/);
      expect(TimeoutInMillis).toBe(29_000);
    }
  });

  it("is regional, is throttled, and logs who called but neither bodies nor keys", () => {
    expectResource("Api", "AWS::ApiGateway::RestApi", { EndpointConfiguration: { Types: ["REGIONAL"] } });
    expectResource("Api", "AWS::ApiGateway::Stage", {
      AccessLogSetting: Match.objectLike({ Format: Match.stringLikeRegexp("context.identity.sourceIp") }),
      MethodSettings: [
        Match.objectLike({ DataTraceEnabled: false, ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, LoggingLevel: "ERROR" }),
      ],
    });
    const stage = Object.values(made.resources("SeracApi")).find(({ Type }) => Type === "AWS::ApiGateway::Stage")!;
    expect(JSON.stringify(stage.Properties!["AccessLogSetting"])).not.toMatch(/apiKey|authorizer|header/i);
  });

  it("leaves the account's role for logs alone where it is told to", () => {
    const without = synthesize({ api: { accountLogRole: false } });
    expect(Object.values(without.resources("SeracApi")).map(({ Type }) => Type)).not.toContain("AWS::ApiGateway::Account");
  });

  it("has no gateway where no models are named", () => {
    const without = synthesize({});
    expect(JSON.stringify(without.resources("SeracApi"))).not.toContain("GatewayFunction");
  });
});

describe("the ops stack", () => {
  it("sends every alarm somewhere, and says in it what to do", () => {
    const alarms = Object.values(made.resources("SeracOps")).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(10);
    for (const { Properties } of alarms) {
      expect(Properties!["AlarmActions"]).toEqual([{ Ref: expect.stringMatching(/^Topic/) as string }]);
      expect(Properties!["AlarmDescription"]).toMatch(/^serac: .{40,}\.$/);
    }
  });

  it("watches each queue of dead letters, and each function", () => {
    const ids = Object.keys(made.resources("SeracOps"));
    for (const name of [
      "PrepareDeadLetters",
      "WorkDeadLetters",
      "FinishDeadLetters",
      "FailedDrops",
      "WorkStuck",
      "OldestSample",
      "Throttles",
    ])
      expect(ids.some((id) => id.startsWith(name))).toBe(true);
    for (const name of ["Intake", "Prepare", "Worker", "Finish", "Bury", "Reaper", "Control", "Gateway"])
      expect(ids.some((id) => id.startsWith(`${name}Errors`))).toBe(true);
  });

  it("writes letters to the address that is named, over TLS only, and lets alarms and the budget speak", () => {
    expectResource("Ops", "AWS::SNS::Subscription", { Protocol: "email", Endpoint: "somebody@example.com" });
    expectResource("Ops", "AWS::SNS::TopicPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      }),
    });
  });

  it("counts the whole account against the budget, or only what carries the tag of the deployment", () => {
    expectResource("Ops", "AWS::Budgets::Budget", {
      Budget: { BudgetType: "COST", TimeUnit: "MONTHLY", BudgetLimit: { Amount: 100, Unit: "USD" }, CostFilters: Match.absent() },
    });
    const tagged = synthesize({ name: "team-b", budgetCounts: "deployment", monthlyBudgetUsd: 7 });
    tagged.templates["TeamBOps"]!.hasResourceProperties("AWS::Budgets::Budget", {
      Budget: Match.objectLike({ BudgetLimit: { Amount: 7, Unit: "USD" }, CostFilters: { TagKeyValue: ["user:serac-deployment$team-b"] } }),
    });
  });
});
