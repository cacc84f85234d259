import {
  CreateMicrovmImageCommand,
  DeleteMicrovmImageCommand,
  GetMicrovmImageCommand,
  ListMicrovmImageBuildsCommand,
  ListMicrovmImagesCommand,
  TagResourceCommand,
  type LambdaMicrovmsClient,
} from "@aws-sdk/client-lambda-microvms";
import type { SandboxLimits } from "../../core/agent/sandbox.ts";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { cloudError, isConflict, isMissing } from "./cloud-error.ts";
import { imageArn, namePrefix } from "./image-name.ts";
import { machineSize } from "./machine-size.ts";
import { HOOK_PORT } from "./ports.ts";

/** For whom an image was made, and whether a machine of it was seen to work: the commit of its workspace. */
const DIRECTORY_TAG = "serac-directory";
const COMMIT_TAG = "serac-base-commit";

const MAX_READY_SECONDS = 3_600;
/** Beside the install: packing out, the first commit, a slow disk. */
const OWN_READY_SECONDS = 600;
const RUN_HOOK_SECONDS = 30;
const END_HOOK_SECONDS = 5;

export type ImageState =
  | { readonly is: "absent" }
  | { readonly is: "building" | "failed" | "deleting"; readonly version: string | null }
  | { readonly is: "built"; readonly version: string | null; readonly baseCommit: string | null };

export interface ImageRequest {
  readonly name: string;
  readonly directory: string;
  /** Address of the archive, `s3://…`. */
  readonly archive: string;
  readonly installMs: number;
  readonly limits: SandboxLimits;
}

/** The images of this deployment. Every method throws what `cloudError` makes of a failure. */
export interface Images {
  look(name: string): Promise<ImageState>;
  /** Begins to build it; nothing when it exists already. */
  create(request: ImageRequest): Promise<void>;
  /** What the service says of a build that failed; null when it says nothing. */
  whyFailed(name: string, version: string | null): Promise<string | null>;
  noteTrial(name: string, baseCommit: string): Promise<void>;
  /** Begins to remove it; nothing when it does not exist. */
  remove(name: string): Promise<void>;
  /** Every image that is not being removed, and for which directory it was made; null when nobody noted it. */
  list(): AsyncIterable<{ readonly name: string; readonly directory: string | null }>;
}

export function createImages(client: LambdaMicrovmsClient, settings: MicrovmSettings): Images {
  const arnOf = (name: string): string => imageArn(settings, name);

  async function describe(name: string) {
    try {
      return await client.send(new GetMicrovmImageCommand({ imageIdentifier: arnOf(name) }));
    } catch (error) {
      if (isMissing(error)) return null;
      throw cloudError(error, `look at the sandbox's image ${name}`);
    }
  }

  return {
    async look(name) {
      const found = await describe(name);
      if (found === null) return { is: "absent" };
      const version = found.latestActiveImageVersion ?? null;
      switch (found.state) {
        case "CREATED":
        case "UPDATED":
        case "UPDATE_FAILED":
          return { is: "built", version, baseCommit: found.tags?.[COMMIT_TAG] ?? null };
        case "CREATE_FAILED":
          return { is: "failed", version: found.latestFailedImageVersion ?? null };
        case "DELETED":
          return { is: "absent" };
        case "DELETING":
        case "DELETE_FAILED":
          return { is: "deleting", version };
        default:
          return { is: "building", version };
      }
    },

    async create(request) {
      try {
        await client.send(new CreateMicrovmImageCommand(buildRequest(request, settings)));
      } catch (error) {
        if (!isConflict(error)) throw cloudError(error, `build the sandbox's image ${request.name}`);
      }
    },

    async whyFailed(name, version) {
      if (version === null) return null;
      try {
        const { items } = await client.send(new ListMicrovmImageBuildsCommand({ imageIdentifier: arnOf(name), imageVersion: version }));
        return items?.find(({ buildState }) => buildState === "FAILED")?.stateReason ?? null;
      } catch (error) {
        if (isMissing(error)) return null;
        throw cloudError(error, `look at the build of the sandbox's image ${name}`);
      }
    },

    async noteTrial(name, baseCommit) {
      try {
        await client.send(new TagResourceCommand({ Resource: arnOf(name), Tags: { [COMMIT_TAG]: baseCommit } }));
      } catch (error) {
        throw cloudError(error, `tag the sandbox's image ${name}`);
      }
    },

    async remove(name) {
      try {
        await client.send(new DeleteMicrovmImageCommand({ imageIdentifier: arnOf(name) }));
      } catch (error) {
        if (!isMissing(error)) throw cloudError(error, `remove the sandbox's image ${name}`);
      }
    },

    async *list() {
      const prefix = namePrefix(settings);
      let nextToken: string | undefined;
      do {
        const page = await client
          .send(new ListMicrovmImagesCommand({ nameFilter: prefix, ...(nextToken !== undefined && { nextToken }) }))
          .catch((error: unknown) => {
            throw cloudError(error, "list the sandboxes' images");
          });
        for (const { name, state } of page.items ?? []) {
          if (name === undefined || !name.startsWith(`${prefix}-`) || state === "DELETING" || state === "DELETED") continue;
          const found = await describe(name);
          if (found !== null) yield { name, directory: found.tags?.[DIRECTORY_TAG] ?? null };
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    },
  };
}

/**
 * Everything is asked for by name: what is left out gets the service's default, which is wider than what a sandbox may have.
 * All capabilities are for bubblewrap, which makes namespaces and mounts; the machine's own walls stand around them.
 */
function buildRequest({ name, directory, archive, installMs, limits }: ImageRequest, settings: MicrovmSettings) {
  const readySeconds = Math.min(MAX_READY_SECONDS, Math.ceil(installMs / 1000) + OWN_READY_SECONDS);
  return {
    name,
    description: "Sandbox of serac: a repository with its dependencies",
    baseImageArn: settings.baseImageArn,
    ...(settings.baseImageVersion !== undefined && { baseImageVersion: settings.baseImageVersion }),
    buildRoleArn: settings.buildRoleArn,
    codeArtifact: { uri: archive },
    cpuConfigurations: [{ architecture: "ARM_64" as const }],
    resources: [{ minimumMemoryInMiB: machineSize(limits, settings.memoryMib) }],
    additionalOsCapabilities: ["ALL" as const],
    egressNetworkConnectors: [...settings.buildEgressConnectors],
    logging: { cloudWatch: { logGroup: settings.logGroup, logStream: name } },
    hooks: {
      port: HOOK_PORT,
      microvmImageHooks: { ready: "ENABLED" as const, readyTimeoutInSeconds: readySeconds, validate: "DISABLED" as const },
      microvmHooks: {
        run: "ENABLED" as const,
        runTimeoutInSeconds: RUN_HOOK_SECONDS,
        terminate: "ENABLED" as const,
        terminateTimeoutInSeconds: END_HOOK_SECONDS,
        resume: "DISABLED" as const,
        suspend: "DISABLED" as const,
      },
    },
    tags: { [DIRECTORY_TAG]: directory },
  };
}
