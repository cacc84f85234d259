import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { InputError, SeracError } from "../core/errors/index.ts";
import packageJson from "../package.json" with { type: "json" };
import { readDeployment } from "../lib/deployment/read.ts";
import { addSerac } from "../lib/serac-app.ts";

/** The CDK app of cdk.json: the stacks of one deployment, checked by cdk-nag before anything is written. */

const root = join(import.meta.dirname, "..");

try {
  const app = new App({ autoSynth: false });
  const deployment = readDeployment(root, (key) => app.node.tryGetContext(key));
  // `-c bundles=DIR`: made somewhere else.
  const given: unknown = app.node.tryGetContext("bundles");
  const bundles = typeof given === "string" ? resolve(given) : join(root, "dist-lambdas");
  if (!existsSync(bundles))
    throw new InputError("artifact_missing", `${bundles} is missing.`, { hint: "Run `npm run build:lambdas` first." });
  addSerac(app, { deployment, assets: (name) => join(bundles, name), version: packageJson.version });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  // A mistake in the settings is the user's to mend: no stack of ours helps with it.
  if (!(error instanceof SeracError)) throw error;
  process.stderr.write(`serac: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
  process.exitCode = 2;
}
