import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { PrepareRequest } from "../../core/agent/sandbox.ts";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { SandboxError, SeracError, UnfinishedError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { imageArchive, type ImageParts } from "./archive.ts";
import { readBuildLog } from "./build-log.ts";
import type { Images, ImageState } from "./images.ts";

export interface BuildDeps {
  readonly images: Images;
  readonly logs: CloudWatchLogsClient;
  readonly artifacts: Pick<ArtifactStore, "put" | "remove" | "locate">;
  readonly parts: ImageParts;
  readonly settings: MicrovmSettings;
  readonly clock: Clock;
}

const POLL_MS = 4_000;
const TRIAL_SLACK_MS = 30_000;
/** A tag's value, as AWS takes it. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;

/** The image of the request, built when it is not there. Throws UnfinishedError when it is not done before the deadline. */
export async function builtImage(name: string, request: PrepareRequest, deps: BuildDeps): Promise<Extract<ImageState, { is: "built" }>> {
  const { images, clock, artifacts, settings } = deps;
  if (!TAG_VALUE.test(request.directory)) {
    throw new SeracError("sandbox_failed", `${JSON.stringify(request.directory)} is no name under which a sandbox's image could be kept.`);
  }
  const key = `${settings.archivePrefix}${name}.zip`;
  for (;;) {
    request.signal?.throwIfAborted();
    const state = await images.look(name);
    switch (state.is) {
      case "built":
        await artifacts.remove(key);
        return state;
      case "failed":
        throw await buildFailure(name, state.version, key, deps);
      case "absent":
        await artifacts.put(key, imageArchive(request, deps.parts, settings));
        await images.create({
          name,
          directory: request.directory,
          archive: artifacts.locate(key),
          installMs: request.timeoutMs,
          limits: request.limits,
        });
        break;
      default:
    }
    if (request.deadlineMs !== undefined && clock.now() + POLL_MS + trialMs(settings) > request.deadlineMs) throw unfinished();
    await clock.sleep(POLL_MS, request.signal);
  }
}

/** What the trial of a finished image may take. */
export const trialMs = ({ startSeconds }: MicrovmSettings): number => startSeconds * 1000 + TRIAL_SLACK_MS;

export const unfinished = (): UnfinishedError => new UnfinishedError("unfinished", "The sandbox's image is being built.");

/** Removes what is left of the build, so that the next request begins anew. */
async function buildFailure(name: string, version: string | null, key: string, deps: BuildDeps): Promise<SeracError> {
  const { images, logs, artifacts, settings } = deps;
  const said = await images.whyFailed(name, version);
  const { failure, lastLines } = await readBuildLog(logs, settings.logGroup, name);
  await images.remove(name);
  await artifacts.remove(key);
  if (failure !== null) return new SandboxError(failure.code, failure.message, failure.hint === null ? {} : { hint: failure.hint });
  const reason = said === null ? "" : `: ${said}`;
  return new SandboxError(
    "sandbox_install_failed",
    `The sandbox's image could not be built${reason}.${lastLines === "" ? "" : `\nLast output:\n${lastLines}`}`,
    {
      hint: `The whole log is in the log group ${settings.logGroup}, stream ${name}.`,
    },
  );
}
