import { CreateMicrovmAuthTokenCommand, type LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import { SandboxError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { cloudError, isConflict, isMissing } from "./cloud-error.ts";
import { TOOL_PORT } from "./ports.ts";

const MINUTES = 15;
/** Before its end, so that no request is refused on the way. */
const RENEW_BEFORE_MS = 3 * 60_000;
const TRIES = 8;
const PAUSE_MS = 500;

/** The headers with which the platform lets a request through to the tool server: a token for that port alone, renewed in time. */
export function createAccess(
  client: LambdaMicrovmsClient,
  id: string,
  clock: Clock,
  signal?: AbortSignal,
): (isRefused: boolean) => Promise<Readonly<Record<string, string>>> {
  let token: { readonly text: string; readonly renewAtMs: number } | null = null;
  let renewing: Promise<string> | null = null;

  async function renew(): Promise<string> {
    const askedAt = clock.now();
    const text = await ask();
    token = { text, renewAtMs: askedAt + MINUTES * 60_000 - RENEW_BEFORE_MS };
    return text;
  }

  /** The service knows a machine a little later than it says so. */
  async function ask(): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { authToken } = await client.send(
          new CreateMicrovmAuthTokenCommand({
            microvmIdentifier: id,
            expirationInMinutes: MINUTES,
            allowedPorts: [{ port: TOOL_PORT }],
          }),
        );
        const text = authToken?.["X-aws-proxy-auth"];
        if (text === undefined) throw new SandboxError("sandbox_failed", "AWS gave a token for the sandbox's machine that has no value.");
        return text;
      } catch (error) {
        if (attempt >= TRIES || !(isMissing(error) || isConflict(error))) throw cloudError(error, "get a token for the sandbox's machine");
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  }

  return async (isRefused) => {
    const isGood = token !== null && !isRefused && clock.now() < token.renewAtMs;
    const text = isGood
      ? token!.text
      : await (renewing ??= renew().finally(() => {
          renewing = null;
        }));
    return { "X-aws-proxy-auth": text, "X-aws-proxy-port": String(TOOL_PORT) };
  };
}
