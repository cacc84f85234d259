import {
  GetMicrovmCommand,
  ListMicrovmsCommand,
  RunMicrovmCommand,
  TerminateMicrovmCommand,
  type LambdaMicrovmsClient,
  type MicrovmState,
} from "@aws-sdk/client-lambda-microvms";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { SandboxError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { cloudError, isConflict, isMissing, isPassing } from "./cloud-error.ts";
import type { RunPayload } from "./guest/hooks.ts";
import { imageArn, namePrefix } from "./image-name.ts";

export interface StartedMachine {
  readonly id: string;
  readonly endpoint: string;
}

export interface ListedMachine {
  readonly id: string;
  readonly image: string;
  readonly startedAtMs: number;
}

/** The machines of this deployment's images. Every method throws what `cloudError` makes of a failure. */
export interface Machines {
  /** Waits for room in the account for as long as a start may take. */
  run(image: string, payload: RunPayload, signal?: AbortSignal): Promise<StartedMachine>;
  /** Why it is not there any more; null when it is, or nobody can tell. */
  whyGone(id: string): Promise<string | null>;
  /** Nothing when it is gone already. */
  terminate(id: string): Promise<void>;
  /** The same, but no failure of it is worth losing what was done: the reaper finds the machine, or its longest life ends it. */
  leave(id: string): Promise<void>;
  /** Those that have not ended, of one image or of all of ours. */
  list(image?: string): AsyncIterable<ListedMachine>;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const ENDED: ReadonlySet<MicrovmState | undefined> = new Set(["TERMINATING", "TERMINATED"]);

export function createMachines(client: LambdaMicrovmsClient, settings: MicrovmSettings, clock: Clock): Machines {
  /** Not given up half-way: nobody would know of the machine. */
  async function request(image: string, payload: RunPayload): Promise<StartedMachine> {
    const answer = await client.send(new RunMicrovmCommand(runRequest(image, payload, settings)));
    const { microvmId: id, endpoint } = answer;
    if (id === undefined || endpoint === undefined) throw new SandboxError("sandbox_failed", "AWS named no machine that it started.");
    return { id, endpoint };
  }

  async function terminate(id: string): Promise<void> {
    try {
      await client.send(new TerminateMicrovmCommand({ microvmIdentifier: id }));
    } catch (error) {
      // A conflict: it is ending already.
      if (!isMissing(error) && !isConflict(error)) throw cloudError(error, "end a sandbox's machine");
    }
  }

  return {
    terminate,
    leave: (id) => terminate(id).catch(() => {}),

    async run(image, payload, signal) {
      const startedAt = clock.now();
      for (let attempt = 0; ; attempt++) {
        try {
          return await request(image, payload);
        } catch (error) {
          signal?.throwIfAborted();
          const isLate = clock.now() - startedAt > settings.startSeconds * 1000;
          if (isLate || !isPassing(error)) throw cloudError(error, "start a machine for a sandbox");
          await clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), signal);
        }
      }
    },

    async whyGone(id) {
      try {
        const { state, stateReason } = await client.send(new GetMicrovmCommand({ microvmIdentifier: id }));
        return ENDED.has(state) ? (stateReason ?? "AWS ended it") : null;
      } catch (error) {
        if (isMissing(error)) return "AWS does not know it any more";
        if (isPassing(error)) return null;
        throw cloudError(error, "look at a sandbox's machine");
      }
    },

    async *list(image) {
      const prefix = imageArn(settings, `${namePrefix(settings)}-`);
      let nextToken: string | undefined;
      do {
        const page = await client
          .send(
            new ListMicrovmsCommand({
              ...(image !== undefined && { imageIdentifier: imageArn(settings, image) }),
              ...(nextToken !== undefined && { nextToken }),
            }),
          )
          .catch((error: unknown) => {
            if (isMissing(error)) return { items: [], nextToken: undefined };
            throw cloudError(error, "list the sandboxes' machines");
          });
        for (const { microvmId, state, imageArn: arn, startedAt } of page.items ?? []) {
          if (microvmId === undefined || arn === undefined || startedAt === undefined || ENDED.has(state) || !arn.startsWith(prefix))
            continue;
          yield { id: microvmId, image: arn.slice(arn.lastIndexOf(":") + 1), startedAtMs: startedAt.getTime() };
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    },
  };
}

/**
 * What is left out gets the service's default, which for connectors is a public endpoint and the internet; so both are named. No
 * role: nothing inside has credentials. No idle policy: a command that runs for long makes no traffic.
 */
function runRequest(image: string, payload: RunPayload, settings: MicrovmSettings) {
  return {
    imageIdentifier: imageArn(settings, image),
    ingressNetworkConnectors: [...settings.ingressConnectors],
    egressNetworkConnectors: [...settings.egressConnectors],
    maximumDurationInSeconds: settings.maximumDurationSeconds,
    runHookPayload: JSON.stringify(payload),
    logging: { disabled: {} },
  };
}
