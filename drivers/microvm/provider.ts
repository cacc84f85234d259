import { randomBytes } from "node:crypto";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import type { BaseSnapshot, OpenOptions, Sandbox, SandboxProvider } from "../../core/agent/sandbox.ts";
import { createOpenSandboxes } from "../../core/agent/open-sandboxes.ts";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { SandboxError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { createAccess } from "./access.ts";
import type { ImageParts } from "./archive.ts";
import { builtImage, trialMs, unfinished } from "./build-image.ts";
import { imageName } from "./image-name.ts";
import { createImages } from "./images.ts";
import { createMachines, type StartedMachine } from "./machines.ts";
import { reapSandboxes } from "./reap.ts";

/** How the tool server of a machine is spoken to: drivers/tool-server's `connectToolServer`. */
export type ConnectTools = (
  address: {
    readonly url: string;
    readonly secret: string;
    headers(isRefused: boolean): Promise<Readonly<Record<string, string>>>;
    whyGone(): Promise<string | null>;
  },
  options: {
    readonly clock: Clock;
    readonly startMs: number;
    readonly silenceMs: number;
    readonly open: OpenOptions;
    readonly close: () => Promise<void>;
  },
) => Promise<{ readonly sandbox: Sandbox; readonly baseCommit: string }>;

export interface MicrovmOptions {
  readonly client: LambdaMicrovmsClient;
  /** Where the output of a failed build is read. */
  readonly logs: CloudWatchLogsClient;
  readonly settings: MicrovmSettings;
  /** In the region's bucket: archives of images lie there while they are built. */
  readonly artifacts: Pick<ArtifactStore, "put" | "remove" | "locate">;
  readonly connect: ConnectTools;
  /** Needed by `prepare`. */
  readonly parts: ImageParts;
  readonly clock: Clock;
}

/** Without any answer of a machine, before it counts as lost. */
const SILENCE_MS = 45_000;

/** A machine of AWS Lambda's a rollout; the base of a run is an image that AWS builds. */
export function createMicrovmProvider(options: MicrovmOptions): SandboxProvider {
  const { client, settings, connect, clock } = options;
  const images = createImages(client, settings);
  const machines = createMachines(client, settings, clock);
  const open = createOpenSandboxes();

  async function start(image: string, openOptions: OpenOptions): Promise<{ readonly sandbox: Sandbox; readonly baseCommit: string }> {
    const { signal } = openOptions;
    signal?.throwIfAborted();
    const secret = randomBytes(32).toString("hex");
    const machine: StartedMachine = await machines.run(image, { secret }, signal);
    try {
      const address = {
        url: machine.endpoint,
        secret,
        headers: createAccess(client, machine.id, clock, signal),
        whyGone: () => machines.whyGone(machine.id),
      };
      const opened = await connect(address, {
        clock,
        startMs: settings.startSeconds * 1000,
        silenceMs: SILENCE_MS,
        open: openOptions,
        close: () => machines.leave(machine.id),
      });
      return opened;
    } catch (error) {
      await machines.leave(machine.id);
      throw error;
    }
  }

  const provider: SandboxProvider = {
    name: "microvm",
    notes: [
      "Commands run in a microVM of their own a rollout, in bubblewrap: no network, no credentials, no view of anything but the repository.",
      `A machine lives for ${Math.round(settings.maximumDurationSeconds / 60)} minutes at most and is ended when its part of the work is done.`,
    ],
    async prepare(request) {
      open.assertOpen();
      const name = imageName(settings, request.directory);
      const built = await builtImage(name, request, { ...options, images });
      if (built.baseCommit !== null) return { provider: "microvm", directory: request.directory, baseCommit: built.baseCommit };
      // A machine that cannot start would fail every sample, after its first reply was paid for.
      if (request.deadlineMs !== undefined && clock.now() + trialMs(settings) > request.deadlineMs) throw unfinished();
      const { sandbox, baseCommit } = await start(name, { limits: request.limits, ...(request.signal && { signal: request.signal }) });
      await sandbox.close();
      await images.noteTrial(name, baseCommit);
      return { provider: "microvm", directory: request.directory, baseCommit };
    },
    async open(base: BaseSnapshot, openOptions) {
      open.assertOpen();
      if (base.provider !== "microvm") throw new SandboxError("sandbox_failed", `${base.directory} is no image of a microVM.`);
      const { sandbox } = await start(imageName(settings, base.directory), openOptions);
      return open.keep(sandbox);
    },
    async release(directory) {
      const name = imageName(settings, directory);
      for await (const { id } of machines.list(name)) await machines.terminate(id);
      await images.remove(name);
      await options.artifacts.remove(`${settings.archivePrefix}${name}.zip`);
    },
    reap: (isNeeded) =>
      reapSandboxes(isNeeded, {
        images,
        machines,
        clock,
        ownerMs: settings.ownerSeconds * 1000,
        release: (directory) => provider.release!(directory),
      }),
    close: () => open.close(),
  };
  return provider;
}
