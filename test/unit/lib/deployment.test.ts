import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { servedModelSettings } from "../../../core/config/cloud/gateway.ts";
import { knownKeys } from "../../../core/config/known-keys.ts";
import { InputError } from "../../../core/errors/index.ts";
import { inputSchema, readDeployment, resolveDeployment } from "../../../lib/deployment/read.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolderSync(folder));

const write = (text: string | Uint8Array, name = "serac.deploy.yaml"): void => writeFileSync(join(folder, name), text);
const context =
  (values: Record<string, unknown>) =>
  (key: string): unknown =>
    values[key];

function refused(read: () => unknown): InputError {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("It was taken.");
}

describe("a deployment", () => {
  it("needs no settings at all", () => {
    expect(readDeployment(folder)).toEqual({
      name: "serac",
      monthlyBudgetUsd: 100,
      budgetCounts: "account",
      teacherConcurrency: 32,
      workers: { memoryMb: 256 },
      sandbox: { kind: "microvm", memoryMib: 512, functionMemoryMb: 3008, baseContainer: "node:24-bookworm-slim" },
      api: { requestsPerSecond: 50, burst: 100, accountLogRole: true },
      retention: { logDays: 30, dropDays: 30, uploadDays: 7, replacedDays: 30 },
      data: { keep: true },
    });
    write("# nothing yet\n");
    expect(refused(() => readDeployment(folder)).message).toContain("serac.deploy.yaml is empty");
    write("");
    expect(readDeployment(folder).name).toBe("serac");
  });

  it("is read from YAML or JSON beside cdk.json, or from the file that the context names", () => {
    write("name: from-yaml\nretention: { logDays: 7 }\n");
    expect(readDeployment(folder)).toMatchObject({ name: "from-yaml", retention: { logDays: 7, dropDays: 30 } });
    write('{ "name": "other" }', "other.json");
    expect(readDeployment(folder, context({ deploy: "other.json" })).name).toBe("other");
    rmSync(join(folder, "serac.deploy.yaml"));
    write('{ "name": "from-json" }', "serac.deploy.json");
    expect(readDeployment(folder).name).toBe("from-json");
  });

  it("takes single keys from the context, as a mapping or as JSON", () => {
    write("name: file\nteacherConcurrency: 5\n");
    expect(readDeployment(folder, context({ serac: { name: "context" } }))).toMatchObject({ name: "context", teacherConcurrency: 5 });
    expect(readDeployment(folder, context({ serac: '{"workers": {"memoryMb": 512}}' })).workers.memoryMb).toBe(512);
  });

  it("may name models for the gateway, in the form that the function reads", () => {
    write("gateway:\n  models:\n    - { name: student, url: https://models.example, keySecret: serac/models }\n");
    const { gateway } = readDeployment(folder);
    expect(gateway?.models.map((model) => servedModelSettings.parse(model))).toEqual(gateway?.models);
  });
});

describe("mistakes", () => {
  it.each([
    ["teacherConcurency: 3", "serac.deploy.yaml:1:1: teacherConcurency is no known key; did you mean teacherConcurrency?"],
    ["workers:\n  memory: 3", "serac.deploy.yaml:2:3: workers.memory is no known key; did you mean workers.memoryMb?"],
    ["logDays: 3", "serac.deploy.yaml:1:1: logDays is no known key; did you mean retention.logDays?"],
    ["retention:\n  zebra: 1", "retention.zebra is no known key; known here: logDays, dropDays, uploadDays, replacedDays."],
    ["teacherConcurrency: 1", "serac.deploy.yaml:1:1: teacherConcurrency: found 1; allowed: a whole number from 2 to 1000."],
    ["teacherConcurrency: 1001", "found 1001; allowed: a whole number from 2 to 1000."],
    ["account: 111111111111", 'account: found 111111111111; allowed: twelve digits in quotes, such as "111111111111".'],
    ["region: Frankfurt", 'region: found "Frankfurt"; allowed: a region, such as "eu-central-1".'],
    ["name: Serac", 'name: found "Serac"; allowed: 2 to 20 small letters and digits with single dashes between, a letter first.'],
    ["name: a--b", 'name: found "a--b"'],
    ["email: nobody", 'email: found "nobody"; allowed: an e-mail address.'],
    ["retention:\n  logDays: 31", "serac.deploy.yaml:2:3: retention.logDays: found 31; allowed: one of 1, 3, 5, 7, 14, 30"],
    ["sandbox: { kind: docker }", 'sandbox.kind: found "docker"; allowed: one of microvm, tenant, none.'],
    ["sandbox: { vpc: { id: vpc-0123456789abcdef0 } }", "sandbox.vpc.subnetIds is missing; allowed: a list of 1 to 16 ids"],
    ["sandbox: { vpc: { id: mine, subnetIds: [subnet-0123456789abcdef0] } }", 'sandbox.vpc.id: found "mine"; allowed: the id of a VPC'],
    ["gateway: { models: [] }", "gateway.models: found a list; allowed: a list of models, each with name and url."],
    ["gateway: { models: [{ name: student, ur: x }] }", "gateway.models.0.ur is no known key; known here: name, url, upstreamName"],
    ["gateway: { models: [{ name: student, url: models }] }", 'gateway.models.0.url: found "models"; allowed: an http or https address'],
    [
      "sandbox: { vpc: { id: vpc-0123456789abcdef0, subnetIds: [a] } }",
      'sandbox.vpc.subnetIds.0: found "a"; allowed: a list of 1 to 16 ids',
    ],
    ["workers: { reservedConcurrency: 10 }", "workers.reservedConcurrency is less than teacherConcurrency, 32"],
    [
      "region: eu-west-1\ndata: { keyArn: 'arn:aws:kms:eu-central-1:111111111111:key/1' }",
      "data.keyArn is a key of another region than the key `region` names, eu-west-1.",
    ],
    [
      "data: { keyArn: 'arn:aws:kms:eu-central-1:111111111111:key/1' }",
      "data.keyArn is a key of another region than the key `region` names, which is missing.",
    ],
    ["training: {}", "training.machines is missing; allowed: a list of machines"],
    ["training: { machines: [] }", "training.machines: found a list; allowed: a list of machines"],
    ["training: { machines: [{ type: p3.16xlarge }] }", 'type: found "p3.16xlarge"; allowed: one of g6e.xlarge'],
    ["training: { machines: [{ type: p5.48xlarge }, { type: p5.48xlarge }] }", "training.machines names p5.48xlarge twice."],
    [
      "training: { machines: [{ type: p5.48xlarge }], spot: false, onDemand: false }",
      "training.onDemand is false, and so are spot machines, and there is no capacityBlock: nothing could train.",
    ],
    [
      "training: { machines: [{ type: g6e.xlarge }], capacityBlock: { machine: p5.48xlarge, reservationId: cr-0123456789abcdef0 } }",
      "training.capacityBlock.machine is p5.48xlarge, which is not among training.machines.",
    ],
    ["name: [", "serac.deploy.yaml:1:8: not valid YAML"],
    ["- name", "serac.deploy.yaml holds a list; allowed is a mapping of keys such as name, region and email."],
    ["__proto__: { name: x }", "__proto__ is no known key"],
  ])("%j are told with their place and what is allowed", (text, message) => {
    write(text);
    const error = refused(() => readDeployment(folder));
    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain(message);
    expect(error.hint).toContain("docs/aws.md");
  });

  it("are told all at once", () => {
    write("name: X\nregion: here\napi: { burst: 0 }\n");
    const { message } = refused(() => readDeployment(folder));
    expect(message.split("\n")).toHaveLength(4);
    expect(message).toMatch(/^The deployment has 3 mistakes:/);
  });

  it("of files and of the context are told, too", () => {
    expect(refused(() => readDeployment(folder, context({ deploy: "gone.yaml" })))).toMatchObject({ code: "config_unreadable" });
    write(new Uint8Array([0xff, 0xfe, 0x20, 0x00]));
    expect(refused(() => readDeployment(folder)).message).toContain("not UTF-8");
    rmSync(join(folder, "serac.deploy.yaml"));
    expect(refused(() => readDeployment(folder, context({ serac: "{name" }))).message).toContain("the context key serac is not JSON");
    expect(refused(() => readDeployment(folder, context({ serac: ["name"] }))).message).toContain("allowed is a mapping");
    expect(refused(() => readDeployment(folder, context({ serac: { name: "X" } }))).message).toContain(
      "the context key serac: name: found",
    );
  });

  it("never are anything but an InputError, whatever is written", () => {
    const value = fc.object({
      key: fc.constantFrom("name", "region", "workers", "memoryMb", "sandbox", "vpc", "subnetIds", "gateway", "x"),
    });
    const thrownBy = (written: unknown): unknown => {
      try {
        resolveDeployment([{ source: "the property", value: written, where: () => null }]);
        return null;
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(value, (written) => {
        const thrown = thrownBy(written);
        return thrown === null || thrown instanceof InputError;
      }),
    );
  });
});

it("every key has a description", () => {
  const bare = knownKeys(inputSchema()).filter(({ node }) => node.properties === undefined && node.description === undefined);
  expect(bare.map(({ path }) => path.join("."))).toEqual([]);
});
