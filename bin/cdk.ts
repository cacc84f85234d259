import { App, Tags } from "aws-cdk-lib";
import { DataStack } from "../lib/stacks/data-stack.ts";

/** The CDK app of cdk.json. Today it holds the bucket; the workers, the API and training are to come as stacks beside it. */
const app = new App();
new DataStack(app, "SeracData");
Tags.of(app).add("application", "serac");
