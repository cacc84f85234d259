import { createBareProvider } from "../../drivers/bubblewrap/index.ts";
import { createBaseFile } from "./base-file.ts";
import { openDesk } from "./desk.ts";
import { serveInvocations } from "./runtime.ts";

/** What runs in the image of the tenant-isolated function: one workspace in an environment's life, whose owner is its tenant. */
const host = process.env["AWS_LAMBDA_RUNTIME_API"];
if (host === undefined) throw new Error("AWS_LAMBDA_RUNTIME_API is not set: this is started by AWS Lambda.");
const desk = openDesk(createBareProvider({ name: "tenant-lambda" }), createBaseFile("/tmp/serac/repository.pack"));
await serveInvocations(host, desk);
