import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, type AppProps } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll } from "vitest";
import cdkJson from "../../../cdk.json" with { type: "json" };
import { type CloudFunction, CLOUD_FUNCTIONS } from "../../../core/config/cloud/names.ts";
import { resolveDeployment } from "../../../lib/deployment/read.ts";
import type { Deployment } from "../../../lib/deployment/schema.ts";
import { addSerac, type SeracStacks } from "../../../lib/serac-app.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Synthesized {
  readonly templates: Readonly<Record<string, Template>>;
  /** Resources of a stack by logical id. */
  resources(stack: string): Readonly<Record<string, Resource>>;
  readonly environment: string;
}

const made: string[] = [];
afterAll(() => Promise.all(made.map(removeFolder)));

/** A folder that is there until the tests of the file are over. */
export function passingFolder(): string {
  const folder = temporaryFolder();
  made.push(folder);
  return folder;
}

/** A folder for every function, with a handler that does nothing: what is in a bundle is nothing to the stacks. */
export function makeBundles(): string {
  const folder = passingFolder();
  for (const name of CLOUD_FUNCTIONS) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), `export const handler = () => Promise.resolve(${JSON.stringify(name)});\n`);
  }
  for (const place of ["tenant", "trainer/sft"]) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, "Dockerfile"), "FROM scratch\n");
  }
  return folder;
}

const bundles = makeBundles();
export const assets = (name: CloudFunction | "tenant" | "trainer"): string => join(bundles, name);

export const deploymentOf = (settings: object): Deployment =>
  resolveDeployment([{ source: "the test", value: settings, where: () => null }]);

/** With what cdk.json says, and the stacks that `settings` ask for. */
export function makeApp(settings: object = {}, props: AppProps = {}): { readonly app: App; readonly stacks: SeracStacks } {
  const app = new App({
    outdir: passingFolder(),
    treeMetadata: false,
    analyticsReporting: false,
    // Where a construct was made is nothing to a template, and takes as long to find out as all the rest.
    context: { ...cdkJson.context, "aws:cdk:bundling-stacks": [], "aws:cdk:disable-stack-trace": true },
    ...props,
  });
  return { app, stacks: addSerac(app, { deployment: deploymentOf(settings), assets, version: "0.1.0" }) };
}

export function synthesize(settings: object = {}): Synthesized {
  const { app } = makeApp(settings);
  const assembly = app.synth();
  const json = new Map(assembly.stacks.map((stack) => [stack.stackName, stack.template as { Resources: Record<string, Resource> }]));
  return {
    templates: Object.fromEntries([...json].map(([name, template]) => [name, Template.fromJSON(template)])),
    resources: (stack) => json.get(stack)!.Resources,
    environment: assembly.stacks[0]!.environment.name,
  };
}

export const GATEWAY = { models: [{ name: "student", url: "https://models.example" }] };

export const TRAINING = { machines: [{ type: "g6e.12xlarge" }, { type: "p5.48xlarge", maxMachines: 2 }] };
