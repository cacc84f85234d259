import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from "@aws-sdk/client-lambda";
import { awsName, cloudError, isPassingFault } from "../../core/errors/cloud.ts";
import { SandboxError, SeracError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { answer, type SandboxAnswer, type SandboxEvent } from "./guest/wire.ts";
import { LostError } from "./lost.ts";

export interface Invoker {
  /**
   * One event to the environment of a tenant. AWS's own trouble is waited for as long as `patienceMs` and then thrown as it is (cloud_throttled,
   * cloud_failed, cloud_denied). LostError when the environment died of the event.
   */
  invoke(tenant: string, event: SandboxEvent, patienceMs: number): Promise<SandboxAnswer>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A function that another kind of function took the place of, or that is being replaced. */
const NOT_OURS = new Set(["InvalidParameterValueException", "ResourceNotFoundException"]);

export function createInvoker(client: LambdaClient, functionArn: string, clock: Clock): Invoker {
  const call = { action: "lambda:InvokeFunction", subject: functionArn };
  return {
    async invoke(tenant, event, patienceMs) {
      const command = {
        FunctionName: functionArn,
        TenantId: tenant,
        InvocationType: "RequestResponse",
        Payload: Buffer.from(JSON.stringify(event)),
      } as const;
      const startedAt = clock.now();
      for (let attempt = 0; ; attempt++) {
        try {
          // Every event may come twice: what it begins has an id, and parts of bytes have their place.
          return readAnswer(await client.send(new InvokeCommand(command)));
        } catch (error) {
          if (error instanceof SeracError) throw error;
          const fault = cloudError(error, call);
          if (!isPassingFault(fault) || clock.now() - startedAt > patienceMs) throw explained(error, fault, functionArn);
          await clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt));
        }
      }
    },
  };
}

function explained(error: unknown, fault: unknown, functionArn: string): unknown {
  if (!NOT_OURS.has(awsName(error))) return fault;
  return new SeracError("cloud_failed", `The function of the sandbox, ${functionArn}, is not what it should be (${awsName(error)}).`, {
    hint: "Deploy the sandbox stack again: the function has to be there, with the tenancy PER_TENANT.",
    cause: error,
  });
}

/** What comes back is written where the agent's commands run, so it is worth no more than they are. */
function readAnswer({ FunctionError, Payload }: InvokeCommandOutput): SandboxAnswer {
  const text = Buffer.from(Payload ?? new Uint8Array()).toString("utf8");
  if (FunctionError !== undefined) throw new LostError(`it ended while it worked (${text.slice(0, 300)})`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SandboxError("sandbox_failed", "The sandbox answered what is not of its protocol.", { cause });
  }
  const read = answer.safeParse(value);
  if (read.success) return read.data;
  throw new SandboxError("sandbox_failed", "The sandbox answered what is not of its protocol.", { cause: read.error });
}
