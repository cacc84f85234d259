import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { readTrainingSettings } from "../../../core/config/cloud/training.ts";
import { MACHINE_START } from "../../../lib/constructs/training/machine-start.ts";
import { type Statement, statementsOf } from "./policies.ts";
import { type Resource, synthesize, type Synthesized, TRAINING } from "./synthesis.ts";

const BLOCK = { machine: "p5.48xlarge", reservationId: "cr-0123456789abcdef0" };

let made: Synthesized;
let template: Template;
let resources: Readonly<Record<string, Resource>>;
beforeAll(() => {
  made = synthesize({ training: { ...TRAINING, capacityBlock: BLOCK, amiId: "ami-0123456789abcdef0" } });
  template = made.templates["SeracTraining"]!;
  resources = made.resources("SeracTraining");
}, 180_000);

const named = (id: string): Readonly<Record<string, unknown>> =>
  Object.entries(resources).find(([name]) => new RegExp(`^${id}[0-9A-F]{8}$`).test(name))![1].Properties!;
const startOf = (id: string) => named(`${id}StartTemplate`)["LaunchTemplateData"] as Readonly<Record<string, unknown>>;

const expectResource = (stack: string, type: string, properties: unknown): void =>
  made.templates[stack]!.hasResourceProperties(type, properties);

describe("machines that train", () => {
  it("are none while nothing is trained, and never more than the deployment wants", () => {
    template.allResourcesProperties("AWS::Batch::ComputeEnvironment", {
      Type: "MANAGED",
      ComputeResources: Match.objectLike({ MinvCpus: 0 }),
    });
    expect(named("G6e12xlargeSpotEnvironment")["ComputeResources"]).toMatchObject({
      Type: "SPOT",
      AllocationStrategy: "SPOT_PRICE_CAPACITY_OPTIMIZED",
      MaxvCpus: 48,
      InstanceTypes: ["g6e.12xlarge"],
      Ec2Configuration: [{ ImageType: "ECS_AL2023_NVIDIA", ImageIdOverride: "ami-0123456789abcdef0" }],
      Tags: { "serac-deployment": "serac" },
    });
    expect(named("P548xlargeOnDemandEnvironment")["ComputeResources"]).toMatchObject({ Type: "EC2", MaxvCpus: 384 });
  });

  it("that train together stand near each other, with an adapter on each network card; spot machines do neither", () => {
    const { PlacementGroup, LaunchTemplate } = named("P548xlargeOnDemandEnvironment")["ComputeResources"] as Record<string, unknown>;
    expect(PlacementGroup).toEqual({ Ref: expect.stringMatching(/^P548xlargeOnDemandNear/) as string });
    expect(LaunchTemplate).toMatchObject({
      Version: { "Fn::GetAtt": [expect.stringMatching(/^P548xlargeOnDemandStart/), "LatestVersionNumber"] },
    });
    const adapters = startOf("P548xlargeOnDemand")["NetworkInterfaces"] as Record<string, unknown>[];
    expect(adapters).toHaveLength(32);
    expect(adapters[0]).toMatchObject({ NetworkCardIndex: 0, DeviceIndex: 0, InterfaceType: "efa" });
    for (const [card, adapter] of adapters.slice(1).entries())
      expect(adapter).toMatchObject({ NetworkCardIndex: card + 1, DeviceIndex: 1, InterfaceType: "efa-only" });
    expect(named("P548xlargeSpotEnvironment")["ComputeResources"]).not.toHaveProperty("PlacementGroup");
    expect(startOf("P548xlargeSpot")).not.toHaveProperty("NetworkInterfaces");
    // There is one of them only.
    expect(startOf("G6e12xlargeOnDemand")).not.toHaveProperty("NetworkInterfaces");
  });

  it("keep their credentials to themselves, and their disk encrypted", () => {
    const starts = Object.values(resources).filter(({ Type }) => Type === "AWS::EC2::LaunchTemplate");
    expect(starts).toHaveLength(5);
    for (const { Properties } of starts)
      expect(Properties!["LaunchTemplateData"]).toMatchObject({
        MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
      });
  });

  it("of a capacity block are taken from the reservation, and from nowhere else", () => {
    expect(startOf("P548xlargeBlock")).toMatchObject({
      InstanceMarketOptions: { MarketType: "capacity-block" },
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: BLOCK.reservationId } },
    });
    expect(JSON.stringify(startOf("P548xlargeOnDemand"))).not.toContain("cr-");
  });

  it("give a container that is to stop nearly all of the two minutes that a spot machine has", () => {
    expect(MACHINE_START).toContain("ECS_ENABLE_SPOT_INSTANCE_DRAINING=true");
    expect(MACHINE_START).toContain("ECS_CONTAINER_STOP_TIMEOUT=110s");
    expect(JSON.stringify(startOf("G6e12xlargeSpot")["UserData"])).toContain("multipart/mixed");
  });
});

describe("queues", () => {
  const orderOf = (id: string) => named(`${id}Queue`)["ComputeEnvironmentOrder"] as { ComputeEnvironment: { "Fn::GetAtt": [string] } }[];

  it("of spot machines go on to those on demand, and not the other way round", () => {
    const from = (id: string) =>
      orderOf(id).map(({ ComputeEnvironment }) => ComputeEnvironment["Fn::GetAtt"][0].replace(/Environment.*/, ""));
    expect(from("P548xlargeSpot")).toEqual(["P548xlargeSpot", "P548xlargeOnDemand"]);
    expect(from("P548xlargeOnDemand")).toEqual(["P548xlargeOnDemand"]);
    expect(from("P548xlargeBlock")).toEqual(["P548xlargeBlock"]);
  });

  it("give up jobs that no machine comes for, soon where none ever will", () => {
    const queues = Object.values(resources).filter(({ Type }) => Type === "AWS::Batch::JobQueue");
    expect(queues).toHaveLength(5);
    for (const { Properties } of queues)
      expect(Properties!["JobStateTimeLimitActions"]).toEqual([
        { Action: "CANCEL", State: "RUNNABLE", Reason: "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", MaxTimeSeconds: 43_200 },
        { Action: "CANCEL", State: "RUNNABLE", Reason: "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", MaxTimeSeconds: 600 },
        { Action: "CANCEL", State: "RUNNABLE", Reason: "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", MaxTimeSeconds: 600 },
      ]);
  });
});

describe("the trainer's container", () => {
  const container = (id: string): Record<string, unknown> => {
    const { ContainerProperties, NodeProperties } = named(id) as Record<string, { NodeRangeProperties: { Container: unknown }[] }>;
    return (ContainerProperties ?? NodeProperties!.NodeRangeProperties[0]!.Container) as Record<string, unknown>;
  };

  it("has the whole machine, its fast disk, shared memory and memory that stays where it is", () => {
    expect(container("P548xlargeJobDefinition")).toMatchObject({
      ResourceRequirements: [
        { Type: "GPU", Value: "8" },
        { Type: "VCPU", Value: "192" },
        { Type: "MEMORY", Value: "1887436" },
      ],
      LinuxParameters: { SharedMemorySize: 48 * 1024 },
      Ulimits: [{ Name: "memlock", SoftLimit: -1, HardLimit: -1 }, { Name: "nofile" }],
      MountPoints: [{ SourceVolume: "scratch", ContainerPath: "/scratch" }],
      Volumes: [{ Name: "scratch", Host: { SourcePath: "/scratch" } }],
      Privileged: false,
    });
  });

  it("on several machines sees the adapters, and must use them", () => {
    expect(named("P548xlargeNodesJobDefinition")).toMatchObject({ Type: "multinode", NodeProperties: { MainNode: 0 } });
    const { LinuxParameters, Environment } = container("P548xlargeNodesJobDefinition") as {
      LinuxParameters: { Devices: { HostPath: string }[] };
      Environment: unknown[];
    };
    expect(LinuxParameters.Devices.map(({ HostPath }) => HostPath)).toEqual(
      Array.from({ length: 32 }, (_, card) => `/dev/infiniband/uverbs${card}`),
    );
    expect(Environment).toContainEqual({ Name: "SERAC_NETWORK", Value: "efa" });
    expect(Object.keys(resources).some((id) => id.startsWith("G6e12xlargeNodesJob"))).toBe(false);
  });

  it("has no secret in its environment, and writes into one log group", () => {
    const { Environment, LogConfiguration } = container("P548xlargeJobDefinition") as Record<string, { Name: string }[]>;
    expect(Environment!.map(({ Name }) => Name)).toEqual(["AWS_REGION", "SERAC_SCRATCH"]);
    expect(LogConfiguration).toMatchObject({ LogDriver: "awslogs" });
    template.hasResourceProperties("AWS::Logs::LogGroup", { LogGroupName: "/serac/serac/trainer", RetentionInDays: 30 });
  });
});

describe("permissions of trainings", () => {
  const of = (role: string): Statement[] => statementsOf(resources).filter((statement) => statement.role === role);

  it("let the trainer read models and bases, and write of a model neither its job nor its data", () => {
    const written = of("RolesJob").flatMap(({ actions, resources: on }) => (actions.some((action) => /Put|Delete/.test(action)) ? on : []));
    expect(new Set(written)).toEqual(
      new Set(["checkpoints/*", "model/*", "metrics.jsonl", "progress.json", "result.json"].map((part) => `<Artifacts>/models/*/${part}`)),
    );
    expect(of("RolesJob").find(({ sid }) => sid === "ReadObjects")?.resources).toEqual(["<Artifacts>/bases/*", "<Artifacts>/models/*"]);
    expect(
      of("RolesJob")
        .flatMap(({ actions }) => actions)
        .every((action) => action.startsWith("s3:")),
    ).toBe(true);
  });

  it("let machines join a cluster, load images and write one log", () => {
    expect(of("RolesMachine").map(({ sid }) => sid)).toEqual(["JoinCluster", "EnterRegistry", "LoadImages", "WriteLog"]);
    expect(JSON.stringify(of("RolesMachine"))).not.toMatch(/s3:|iam:|:\*"/);
  });

  it("let one function alone submit and end jobs", () => {
    const forge = statementsOf(made.resources("SeracForge")).filter(({ actions }) => actions.some((action) => action.startsWith("batch:")));
    expect(new Set(forge.map(({ role }) => role))).toEqual(new Set(["TrainFunctionRole"]));
  });
});

describe("the network of trainings", () => {
  it("leads nowhere but to AWS's services", () => {
    for (const type of ["InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "EIP", "Route"])
      template.resourceCountIs(`AWS::EC2::${type}`, 0);
    template.allResourcesProperties("AWS::EC2::Subnet", { MapPublicIpOnLaunch: false });
    const endpoints = Object.values(resources).filter(({ Type }) => Type === "AWS::EC2::VPCEndpoint");
    expect(endpoints).toHaveLength(7);
    const inZones = endpoints.flatMap(({ Properties }) =>
      Properties!["VpcEndpointType"] === "Interface" ? [Properties!["SubnetIds"]] : [],
    );
    expect(inZones).toEqual(Array.from({ length: 6 }, () => [expect.anything()]));
  });

  it("and in S3 to one bucket, and to what AWS itself puts there for machines", () => {
    const s3 = Object.values(resources).find(({ Properties }) => Properties?.["VpcEndpointType"] === "Gateway")!;
    const text = JSON.stringify(s3.Properties!["PolicyDocument"]);
    expect(text.match(/"Sid":"\w+"/g)).toEqual(['"Sid":"OwnBucket"', '"Sid":"OwnList"', '"Sid":"Layers"', '"Sid":"Packages"']);
    expect(text).not.toContain('"Resource":"*"');
  });

  it("may be one that is there; nothing is added to it but a group", () => {
    const vpc = { id: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456789abcdef0"] };
    const other = synthesize({ training: { machines: [{ type: "g6e.xlarge" }], onDemand: false, vpc } });
    const types = Object.values(other.resources("SeracTraining")).map(({ Type }) => Type);
    expect(types).not.toContain("AWS::EC2::VPC");
    expect(types).not.toContain("AWS::EC2::VPCEndpoint");
    other.templates["SeracTraining"]!.hasResourceProperties("AWS::Batch::ComputeEnvironment", {
      ComputeResources: Match.objectLike({ Type: "SPOT", Subnets: vpc.subnetIds }),
    });
    other.templates["SeracTraining"]!.resourceCountIs("AWS::Batch::JobQueue", 1);
  });
});

describe("the functions", () => {
  it("are told what there is, so that they can read it", () => {
    const [, train] = Object.entries(made.resources("SeracForge")).find(([id]) => /^TrainFunction[0-9A-F]{8}$/.test(id))!;
    const { Variables } = train.Properties!["Environment"] as { Variables: Record<string, unknown> };
    const settings = readTrainingSettings(filledIn(Variables["SERAC_TRAINING"]));
    expect(settings.isSpotAlone).toBe(false);
    expect(settings.machines.map(({ machine, queues, jobDefinitions }) => [machine, Object.keys(queues), jobDefinitions])).toEqual([
      ["g6e.12xlarge", ["spot", "on-demand"], { oneNode: "serac-g6e-12xlarge" }],
      ["p5.48xlarge", ["spot", "on-demand", "block"], { oneNode: "serac-p5-48xlarge", manyNodes: "serac-p5-48xlarge-nodes" }],
    ]);
  });

  it("hear of every change of a job in these queues, and a person of failures and of jobs that block others", () => {
    expectResource("SeracForge", "AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        detail: { jobQueue: [1, 2, 3, 4, 5].map(() => Match.anyValue()) },
      },
      Targets: [Match.objectLike({ Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^TrainQueue"), "Arn"] } })],
    });
    for (const [kind, status] of [
      ["Batch Job State Change", { status: ["FAILED"] }],
      ["Batch Job Queue Blocked", {}],
    ] as const)
      expectResource("SeracOps", "AWS::Events::Rule", {
        EventPattern: { "detail-type": [kind], detail: Match.objectLike(status) },
        Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp("^Topic") } })],
      });
  });

  it("know nothing of it where nothing is to be trained, and there is no function for it", () => {
    const without = synthesize({});
    expect(Object.keys(without.templates)).not.toContain("SeracTraining");
    expect(JSON.stringify(without.resources("SeracForge"))).not.toMatch(/SERAC_TRAINING|batch:|TrainFunction|models\//);
  });
});

/** As CloudFormation would: an ARN for whatever another stack exports. */
function filledIn(value: unknown): string {
  if (typeof value === "string") return value;
  const node = value as { "Fn::Join"?: [string, unknown[]] };
  if (node["Fn::Join"]) return node["Fn::Join"][1].map(filledIn).join("");
  return "arn:aws:batch:eu-central-1:111111111111:job-queue/made";
}
