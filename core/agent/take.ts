import { ConflictError, PausedError, SandboxError, SeracError, TeacherError } from "../errors/index.ts";
import type { Decision } from "./decide.ts";
import { liveMessages } from "./history.ts";
import type { JournalEntry } from "./journal.ts";
import { payForCall } from "./paid-call.ts";
import type { RolloutDeps, RolloutSpec } from "./rollout-spec.ts";
import type { Session } from "./session.ts";
import type { Toolset } from "./toolset.ts";
import type { ErrorExit, ExitStatus } from "./trajectory.ts";
import type { Workspace } from "./workspace.ts";

export interface Rollout {
  readonly spec: RolloutSpec;
  readonly deps: RolloutDeps;
  readonly toolset: Toolset;
  readonly workspace: Workspace;
}

/** Does one thing and says how the journal goes on. */
export async function take(
  decision: Exclude<Decision, { do: "nothing" }>,
  session: Session,
  rollout: Rollout,
): Promise<JournalEntry | "continue"> {
  const { spec, deps, toolset } = rollout;
  const at = stamp(deps);
  switch (decision.do) {
    case "start": {
      const system = { role: "system", content: toolset.systemPrompt } as const;
      const instance = { role: "user", content: toolset.instancePrompt(spec.task) } as const;
      return { type: "start", at, version: 1, toolset: toolset.name, messages: [system, instance] };
    }
    case "ask":
      return ask(session, rollout);
    case "refuse":
      return { type: "requery", at, content: refusal(decision.text, session) };
    case "execute":
      return execute(decision, session, rollout);
    default:
      return endEntry(decision.status, decision.detail, session, rollout);
  }
}

async function ask(session: Session, rollout: Rollout): Promise<JournalEntry | "continue"> {
  const { spec, deps, toolset } = rollout;
  const callNumber = session.steps.length;
  const { temperature, maxOutputTokens, price } = spec;
  const request = { messages: liveMessages(session), tools: toolset.tools, temperature, maxOutputTokens };
  const call = { streamId: spec.rolloutId, n: session.next, callNumber, request, price, contextTokens: spec.limits.contextTokens };
  try {
    return await payForCall(call, deps);
  } catch (error) {
    if (!(error instanceof TeacherError) || concernsRun(error)) throw error;
    return endEntry(error.code === "teacher_context_overflow" ? "exit_context" : "exit_api", error.message, session, rollout);
  }
}

/** Every other sample would meet the same answer. */
function concernsRun(error: TeacherError): boolean {
  return error.code === "teacher_auth" || error.code === "teacher_model_unknown" || error.code === "teacher_tls";
}

async function execute(
  decision: Extract<Decision, { do: "execute" }>,
  session: Session,
  rollout: Rollout,
): Promise<JournalEntry | "continue"> {
  const { spec, deps, toolset, workspace } = rollout;
  const { limits } = spec;
  const sandbox = await stoppable(deps, () => workspace.open(session));
  if (sandbox === "continue") return "continue";
  const call = decision.calls[decision.index]!;
  try {
    const complaint = decision.index === 0 ? await toolset.vet(decision.calls, sandbox) : null;
    if (complaint !== null) return { type: "requery", at: stamp(deps), content: complaint };
    const result = await toolset.execute(call, { sandbox, state: session.toolState, limits, signal: deps.signal });
    const checkpoint = result.changed ? await workspace.checkpoint() : null;
    // What an aborted command printed is half the truth: it runs again when the rollout goes on.
    if (deps.signal?.aborted === true) return "continue";
    const { content, effect, executionMs, timedOut } = result;
    const carried = checkpoint === null ? {} : checkpoint === "uncarried" ? { isUncarried: true } : { checkpoint };
    return { type: "observation", at: stamp(deps), toolCallId: call.toolCallId, content, executionMs, timedOut, effect, ...carried };
  } catch (error) {
    if (deps.signal?.aborted === true) return "continue";
    if (error instanceof ConflictError || error instanceof PausedError) throw error;
    const status = error instanceof SandboxError ? "exit_environment_error" : "exit_error";
    return endEntry(status, error instanceof Error ? error.message : String(error), session, rollout);
  }
}

async function endEntry(
  status: "submitted" | ErrorExit,
  detail: string | null,
  session: Session,
  rollout: Rollout,
): Promise<JournalEntry | "continue"> {
  const { deps, workspace } = rollout;
  const patch = await stoppable(deps, () => workspace.patch(session));
  if (patch === "continue") return "continue";
  const details = [detail, patch.note].filter((part) => part !== null);
  return {
    type: "end",
    at: stamp(deps),
    exitStatus: exitStatus(status, patch),
    patch: patch.text,
    detail: details.length === 0 ? null : details.join(" "),
  };
}

function exitStatus(status: "submitted" | ErrorExit, patch: { readonly text: string; readonly note: string | null }): ExitStatus {
  // A submission whose patch could not be kept is none.
  const honest = status === "submitted" && patch.note !== null ? "exit_error" : status;
  return honest === "submitted" || patch.text === "" ? honest : `submitted (${honest})`;
}

/** Work that an abort may break off, in whatever way it then fails. */
async function stoppable<T>(deps: RolloutDeps, work: () => Promise<T>): Promise<T | "continue"> {
  try {
    return await work();
  } catch (error) {
    if (deps.signal?.aborted === true && !(error instanceof SeracError && !(error instanceof SandboxError))) return "continue";
    throw error;
  }
}

/** A reply that broke off at the output limit is told so, since the fault looks like another to the model. */
function refusal(text: string, session: Session): string {
  const isCut = session.steps.at(-1)?.finishReason === "length";
  return isCut ? `Your last reply was cut off at the length limit; write less in one reply. ${text}` : text;
}

function stamp(deps: RolloutDeps): string {
  return new Date(deps.clock.now()).toISOString();
}
