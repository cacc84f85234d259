import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { readSandboxSettings } from "../../../core/config/cloud/sandbox.ts";
import { outlineOf } from "./outline.ts";
import { statementsOf, type Statement } from "./policies.ts";
import { synthesize, type Synthesized } from "./synthesis.ts";

let made: Synthesized;
let template: Template;
beforeAll(() => {
  made = synthesize({ sandbox: { kind: "tenant", baseContainer: "registry.example/python:3" } });
  template = made.templates["SeracTenantSandbox"]!;
}, 180_000);

const statementsIn = (stack: string, role: string): Statement[] =>
  statementsOf(made.resources(stack)).filter((statement) => statement.role.startsWith(role));

describe("the sandbox that is a function of tenants", () => {
  it("gives each tenant an environment, from an image for arm64, with room and a short time limit", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "serac-sandbox",
      TenancyConfig: { TenantIsolationMode: "PER_TENANT" },
      PackageType: "Image",
      Architectures: ["arm64"],
      MemorySize: 3008,
      EphemeralStorage: { Size: 10_240 },
      Timeout: 60,
    });
  });

  it("has the outline that was agreed on", async () => {
    await expect(outlineOf(made, "SeracTenantSandbox")).toMatchFileSnapshot("snapshots/SeracTenantSandbox.txt");
  });

  it("tells its environments nothing, and is not fed by anything", () => {
    const [target] = Object.values(made.resources("SeracTenantSandbox")).filter(({ Type }) => Type === "AWS::Lambda::Function");
    expect(target!.Properties).not.toHaveProperty("Environment");
    for (const type of ["Lambda::EventSourceMapping", "Lambda::Url", "Lambda::Permission"]) template.resourceCountIs(`AWS::${type}`, 0);
  });

  it("has no way out: no gateway of any kind, no route, no resolver, a group that lets nothing in or out", () => {
    for (const type of ["InternetGateway", "NatGateway", "VPCEndpoint", "EgressOnlyInternetGateway", "Route", "EIP"])
      template.resourceCountIs(`AWS::EC2::${type}`, 0);
    template.hasResourceProperties("AWS::EC2::VPC", { EnableDnsSupport: false, EnableDnsHostnames: false });
    template.allResourcesProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupIngress: Match.absent(),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: "255.255.255.255/32" })],
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      VpcConfig: { SecurityGroupIds: [Match.anyValue()], SubnetIds: [Match.anyValue(), Match.anyValue()] },
    });
  });

  it("has a role that attaches it and logs, and whoever has it from inside may do nothing but log", () => {
    const statements = statementsOf(made.resources("SeracTenantSandbox")).filter(({ role }) => role.startsWith("Machine"));
    expect(statements.map(({ sid, effect }) => `${effect} ${sid}`)).toEqual(["Allow AttachNetwork", "Allow Log", "Deny NothingFromInside"]);
    template.hasResourceProperties("AWS::IAM::Role", {
      ManagedPolicyArns: Match.absent(),
      Policies: [
        {
          PolicyName: "permissions",
          PolicyDocument: Match.objectLike({
            Statement: Match.arrayWith([
              Match.objectLike({
                Effect: "Deny",
                NotAction: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: "*",
                Condition: { ArnLike: { "lambda:SourceFunctionArn": Match.anyValue() } },
              }),
            ]),
          }),
        },
      ],
    });
    expect(JSON.stringify(made.resources("SeracTenantSandbox"))).toMatch(/lambda:SourceFunctionArn.*function:serac-sandbox\*/);
  });

  it("is invoked by those alone who run commands, and sends repositories to one folder", () => {
    const allowed = (role: string, action: string) =>
      statementsIn("SeracForge", role)
        .filter(({ actions }) => actions.includes(action))
        .map(({ sid }) => sid);
    for (const [role, may] of [
      ["PrepareFunction", true],
      ["WorkerFunction", true],
      ["FinishFunction", false],
      ["IntakeFunction", false],
      ["ReaperFunction", false],
      ["BuryFunction", false],
    ] as const)
      expect(allowed(role, "lambda:InvokeFunction"), role).toEqual(may ? ["InvokeSandbox"] : []);
    const [write] = statementsIn("SeracForge", "PrepareFunction").filter(({ sid }) => sid === "WriteBases");
    expect(write!.resources).toEqual(["<Artifacts>/sandbox-bases/*"]);
    expect(statementsIn("SeracForge", "WorkerFunction").map(({ sid }) => sid)).not.toContain("WriteBases");
    expect(JSON.stringify(made.resources("SeracForge"))).not.toMatch(/icrovm|sandbox-images/);
  });

  it("gives the functions settings that they can read", () => {
    const worker = Object.entries(made.resources("SeracForge")).find(([id]) => id.startsWith("WorkerFunctionC"))![1];
    const { Variables } = worker.Properties!["Environment"] as { Variables: Record<string, { "Fn::Join": [string, unknown[]] }> };
    const [, parts] = Variables["SERAC_SANDBOX"]!["Fn::Join"];
    const text = parts
      .map((part) => (typeof part === "string" ? part : "arn:aws:lambda:eu-central-1:111111111111:function:serac-sandbox"))
      .join("");
    expect(readSandboxSettings(text)).toEqual({
      kind: "tenant",
      tenant: {
        kind: "tenant",
        functionArn: "arn:aws:lambda:eu-central-1:111111111111:function:serac-sandbox",
        memoryMb: 3008,
        diskMb: 10_240,
        startSeconds: 90,
        basePrefix: "sandbox-bases/",
      },
    });
  });

  it("takes the place of microVMs, under another name", () => {
    expect(Object.keys(made.templates)).not.toContain("SeracSandbox");
    const vpc = { id: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456789abcdef0"] };
    const other = synthesize({ sandbox: { kind: "tenant", vpc, functionMemoryMb: 5000 } });
    other.templates["SeracTenantSandbox"]!.hasResourceProperties("AWS::Lambda::Function", {
      MemorySize: 5000,
      VpcConfig: Match.objectLike({ SubnetIds: vpc.subnetIds }),
    });
  });
});
