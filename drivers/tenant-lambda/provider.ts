import { randomUUID } from "node:crypto";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { OpenOptions, PrepareRequest, Sandbox, SandboxProvider } from "../../core/agent/sandbox.ts";
import { createOpenSandboxes } from "../../core/agent/open-sandboxes.ts";
import type { TenantSettings } from "../../core/config/cloud/tenant.ts";
import { InputError, SandboxError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { createBases, type BaseArtifacts, type PackSource } from "./bases.ts";
import { createEnvironment, type Environment } from "./environment.ts";
import { createInvoker } from "./invoke.ts";
import { openLastingSandbox } from "./lasting-sandbox.ts";

/** How the workspace in an environment is spoken to: drivers/tool-server's `openOverExchange`. */
export type OpenTools = (
  exchange: Environment["exchange"],
  options: OpenOptions,
  close: () => Promise<void>,
) => Promise<{ readonly sandbox: Sandbox; readonly baseCommit: string }>;

export interface TenantLambdaOptions {
  /** Without retries of its own: an event that is under way must not be sent again at once. */
  readonly client: LambdaClient;
  readonly settings: TenantSettings;
  readonly artifacts: BaseArtifacts;
  readonly openTools: OpenTools;
  /** Needed by `prepare`. */
  readonly pack: PackSource;
  readonly clock: Clock;
}

/** Node, git and the file system's cache, beside the workspace. */
const OWN_MEMORY_MB = 384;

/** An execution environment of one Lambda function a rollout, by its tenant id; the repository is sent there when it is opened. */
export function createTenantLambdaProvider(options: TenantLambdaOptions): SandboxProvider {
  const { client, settings, artifacts, openTools, pack, clock } = options;
  const bases = createBases(artifacts, settings.basePrefix, pack);
  const invoker = createInvoker(client, settings.functionArn, clock);
  const open = createOpenSandboxes();

  async function start(directory: string, openOptions: OpenOptions): Promise<{ readonly sandbox: Sandbox; readonly baseCommit: string }> {
    const { signal } = openOptions;
    signal?.throwIfAborted();
    // Nobody has had it before, so no environment can answer to it but one that is made now.
    const tenant = randomUUID();
    const environment = createEnvironment({ invoker, tenant, clock, startMs: settings.startSeconds * 1000 });
    try {
      await environment.load(bases.stream(directory), signal);
      return await openTools(
        (request, more) => environment.exchange(request, more),
        openOptions,
        () => environment.close(),
      );
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  const provider: SandboxProvider = {
    name: "tenant-lambda",
    notes: [
      "Commands run in a Lambda environment of their own a rollout: no network, no permissions, no view of anything but the repository.",
      "Nothing can be installed there: what tests need has to be in sandbox.baseContainer of the deployment.",
    ],
    async prepare(request) {
      open.assertOpen();
      checkRequest(request, settings);
      const { directory, limits, signal } = request;
      const known = await bases.tried(directory);
      if (known !== null) return { provider: "tenant-lambda", directory, baseCommit: known };
      await bases.put(request);
      // A function that does not work would fail every sample, after its first reply was paid for.
      const { sandbox, baseCommit } = await start(directory, { limits, ...(signal && { signal }) });
      await sandbox.close();
      await bases.noteTrial(directory, baseCommit);
      return { provider: "tenant-lambda", directory, baseCommit };
    },
    async open(base, openOptions) {
      open.assertOpen();
      if (base.provider !== "tenant-lambda") throw new SandboxError("sandbox_failed", `${base.directory} is no base of this sandbox.`);
      const sandbox = await openLastingSandbox({
        checkpoint: openOptions.checkpoint,
        async make(checkpoint) {
          const { sandbox: made, baseCommit } = await start(base.directory, { ...openOptions, ...(checkpoint && { checkpoint }) });
          if (baseCommit === base.baseCommit) return made;
          await made.close();
          throw new SandboxError("sandbox_failed", "The sandbox made another base of the repository than it did at first.");
        },
      });
      return open.keep(sandbox);
    },
    release: (directory) => bases.remove(directory),
    /** Environments end by themselves, a while after they were last asked for anything. */
    async reap(isNeeded) {
      let released = 0;
      for await (const directory of bases.list()) {
        if (await isNeeded(directory)) continue;
        await bases.remove(directory);
        released++;
      }
      return { machines: 0, bases: released };
    },
    close: () => open.close(),
  };
  return provider;
}

/** Before anything is packed: what this kind of sandbox cannot give. */
function checkRequest({ install, limits }: PrepareRequest, { memoryMb, diskMb }: TenantSettings): void {
  if (install.length > 0) {
    throw new InputError(
      "sandbox_unavailable",
      "environment.install needs a network, and the sandbox of this deployment (kind: tenant) has none.",
      {
        hint: "Take environment.install out and put what it installs into the image that sandbox.baseContainer names in serac.deploy.yaml; or deploy with sandbox.kind: microvm.",
      },
    );
  }
  if (limits.memoryMb + OWN_MEMORY_MB > memoryMb) {
    throw new InputError(
      "config_invalid",
      `environment.memoryMb: ${limits.memoryMb} is more than the sandbox of this deployment has; allowed: at most ${memoryMb - OWN_MEMORY_MB}.`,
      {
        hint: "Raise sandbox.functionMemoryMb in serac.deploy.yaml and deploy again, or lower environment.memoryMb.",
      },
    );
  }
  if (limits.diskMb > diskMb / 2) {
    throw new InputError(
      "config_invalid",
      `environment.diskMb: ${limits.diskMb} is more than the sandbox of this deployment has; allowed: at most ${Math.floor(diskMb / 2)}.`,
    );
  }
}
