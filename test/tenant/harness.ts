import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import { tenantSettings, type TenantSettingsInput } from "../../core/config/cloud/tenant.ts";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { openFileArtifacts } from "../../drivers/files/index.ts";
import { createTenantLambdaProvider } from "../../drivers/tenant-lambda/index.ts";
import { openOverExchange, packRepository } from "../../drivers/tool-server/index.ts";
import { buildTenant } from "../../scripts/build-tenant.ts";
import { removeFolder, temporaryFolder } from "../folder.ts";
import { startFakeLambda, type FakeLambda } from "./fake-lambda.ts";

const FUNCTION_ARN = "arn:aws:lambda:us-east-1:111111111111:function:serac-sandbox";

/** As the sandbox stack would write them. */
export const SETTINGS: TenantSettingsInput = { kind: "tenant", functionArn: FUNCTION_ARN, memoryMb: 3008, diskMb: 10_240 };

/** The driver with AWS's own client, the faked service, and the function's real bundle. */
export interface Harness {
  readonly lambda: FakeLambda;
  readonly artifacts: ArtifactStore;
  provider(settings?: Partial<TenantSettingsInput>, clock?: Clock): SandboxProvider;
  stop(): Promise<void>;
}

/** Nobody waits as long as for AWS. */
const quick: Clock = { now: () => Date.now(), sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };

export async function startHarness(): Promise<Harness> {
  const folder = temporaryFolder();
  const bundle = join(folder, "bundle");
  await buildTenant(bundle);
  const artifacts = await openFileArtifacts(join(folder, "bucket"));
  const lambda = await startFakeLambda(FUNCTION_ARN, bundle);
  const client = new LambdaClient({
    endpoint: lambda.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  return {
    lambda,
    artifacts,
    provider: (settings = {}, clock = quick) =>
      createTenantLambdaProvider({
        client,
        settings: tenantSettings.parse({ ...SETTINGS, ...settings }),
        artifacts,
        openTools: openOverExchange,
        pack: packRepository,
        clock,
      }),
    async stop() {
      await lambda.stop();
      client.destroy();
      await removeFolder(folder);
    },
  };
}
