import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import { readMicrovmSettings, type MicrovmSettingsInput } from "../../core/config/cloud/microvm.ts";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { createMicrovmProvider } from "../../drivers/microvm/index.ts";
import { connectToolServer, packRepository } from "../../drivers/tool-server/index.ts";
import { buildSandbox } from "../../scripts/build-sandbox.ts";
import { removeFolder, temporaryFolder } from "../folder.ts";
import { SETTINGS } from "./settings.ts";
import { startMicrovmApi, type FakeApiOptions, type FakeMicrovmApi } from "./fake-api.ts";

export { SETTINGS };

/** The driver with the service's own client, the faked service, and the real tool server. */
export interface Harness {
  readonly api: FakeMicrovmApi;
  /** Archives that lie in the bucket. */
  readonly archives: ReadonlyMap<string, Buffer>;
  provider(settings?: Partial<MicrovmSettingsInput>, clock?: Clock): SandboxProvider;
  stop(): Promise<void>;
}

export async function startHarness(options: Omit<FakeApiOptions, "readArchive"> = {}): Promise<Harness> {
  const folder = temporaryFolder();
  await buildSandbox(folder);
  const archives = new Map<string, Buffer>();
  const artifacts = bucket(archives);
  const api = await startMicrovmApi({
    ...options,
    readArchive: async (uri) => archives.get(uri.slice("s3://bucket/".length)) ?? Promise.reject(new Error("S3_NO_SUCH_KEY")),
  });
  const connection = {
    endpoint: api.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const client = new LambdaMicrovmsClient(connection);
  const logs = new CloudWatchLogsClient(connection);
  return {
    api,
    archives,
    provider: (settings = {}, clock = quick) =>
      createMicrovmProvider({
        client,
        logs,
        settings: readMicrovmSettings(JSON.stringify({ ...SETTINGS, ...settings })),
        artifacts,
        connect: connectToolServer,
        parts: { folder, pack: packRepository },
        clock,
      }),
    async stop() {
      await api.stop();
      client.destroy();
      logs.destroy();
      await removeFolder(folder);
    },
  };
}

/** The fake builds in a moment, so nobody waits as long as for AWS. */
export const quick: Clock = { now: () => Date.now(), sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 50), signal) };

function bucket(archives: Map<string, Buffer>): Pick<ArtifactStore, "put" | "remove" | "locate"> {
  return {
    async put(key, content) {
      const chunks: Uint8Array[] = [];
      if (content instanceof Uint8Array) chunks.push(content);
      else for await (const chunk of content) chunks.push(chunk);
      archives.set(key, Buffer.concat(chunks));
    },
    remove: async (key) => void archives.delete(key),
    locate: (key) => `s3://bucket/${key}`,
  };
}
