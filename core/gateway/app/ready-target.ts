import type { GatewayDeps } from "../deps.ts";
import type { Endpoint, EndpointState, WarmingStage } from "../endpoint.ts";
import type { ServedModel } from "../served-model.ts";
import { encodeSignature } from "../state/signature.ts";
import type { ChatRequest } from "../upstream/chat-request.ts";
import { promptTooLong, roomFor } from "../upstream/refusal.ts";
import type { UpstreamTarget } from "../upstream/upstream.ts";
import type { Call } from "./call.ts";
import { countPrompt } from "./count-prompt.ts";
import type { Outlet } from "./outlet.ts";
import { Problem, problem } from "./problem.ts";
import type { Served } from "./served.ts";

type Warming = Extract<EndpointState, { state: "warming" }>;

/** How often a server that warms up is looked after. */
const POLL_MS = 1_000;

/** Bounds of what a client that cannot be held is told to wait, in seconds. */
const LEAST_WAIT = 5;
const USUAL_WAIT = 15;
const MOST_WAIT = 60;

/** The server of a model, for a client that is not held: while it warms up, the answer is 529 and the server is woken. */
export async function targetNow(deps: GatewayDeps, call: Call, { endpoint }: Served): Promise<UpstreamTarget> {
  const state = await firstLook(deps, call, endpoint);
  if (state.state === "ready") return state.target;
  await wake(deps, call, endpoint);
  throw problem(529, "overloaded_error", `The model's server is starting: ${stageText(state)}.`, { retryAfterSeconds: waitSeconds(state) });
}

/**
 * The server of a model, for a client that is held on an open stream while it warms up. Pings alone hold Claude Code for 760 s, then it
 * drops the stream; a thinking block that grows holds it as long as it does (885 s tried, 2.1.329) and shows the person what happens.
 * The block's signature marks it as ours, so that it is left out when it comes back with the history.
 */
export async function targetHeld(
  deps: GatewayDeps,
  call: Call,
  served: Served,
  chat: ChatRequest,
  outlet: Outlet,
): Promise<UpstreamTarget> {
  const { clock, limits } = deps;
  const { model, endpoint } = served;
  let state = await firstLook(deps, call, endpoint);
  if (state.state === "ready") return state.target;
  await refuseOverflow(deps, call, model, chat);
  await wake(deps, call, endpoint);

  const sinceMs = clock.now();
  let told = { stage: "", atMs: -Infinity };
  outlet.open();
  while (state.state === "warming") {
    if (state.stage !== told.stage || clock.now() - told.atMs >= limits.pingMs) {
      told = { stage: state.stage, atMs: clock.now() };
      outlet.events.thinking(`Waiting for the model's server: ${stageText(state)}.\n`);
      await outlet.flush();
    }
    await clock.sleep(Math.max(1, Math.min(POLL_MS, told.atMs + limits.pingMs - clock.now())), call.signal);
    // A look that fails says nothing about the server, and the answer's time is limited anyway.
    const before: Waiting = state;
    const now = await endpoint.state(call.signal).catch(() => before);
    call.signal.throwIfAborted();
    state = unfailed(now);
  }
  outlet.events.thinking(`The model's server is ready after ${Math.round((clock.now() - sinceMs) / 1000)} s.\n`);
  outlet.events.signature(encodeSignature({ kind: "progress" }));
  await outlet.flush();
  return state.target;
}

type Waiting = Exclude<EndpointState, { state: "failed" }>;

async function firstLook(deps: GatewayDeps, call: Call, endpoint: Endpoint): Promise<Waiting> {
  try {
    return unfailed(await endpoint.state(call.signal));
  } catch (error) {
    throw asOverload(deps, call, error, "Nobody can say where the model's server is.");
  }
}

async function wake(deps: GatewayDeps, call: Call, endpoint: Endpoint): Promise<void> {
  try {
    await endpoint.wake(call.signal);
  } catch (error) {
    throw asOverload(deps, call, error, "The model's server is asleep and could not be woken.");
  }
}

function asOverload({ onDefect }: GatewayDeps, call: Call, error: unknown, message: string): unknown {
  if (error instanceof Problem || call.signal.aborted) return error;
  onDefect?.(call.requestId, error);
  return problem(529, "overloaded_error", message, { retryAfterSeconds: USUAL_WAIT });
}

function unfailed(state: EndpointState): Waiting {
  if (state.state !== "failed") return state;
  const { message, retryAfterSeconds } = state;
  throw problem(529, "overloaded_error", `The model's server could not be started: ${message}`, { retryAfterSeconds });
}

/** Where a tokenizer is at hand, a client learns at once that its prompt is too long, not after minutes of waiting. */
async function refuseOverflow(deps: GatewayDeps, call: Call, model: ServedModel, chat: ChatRequest): Promise<void> {
  if (model.contextTokens === null) return;
  const promptTokens = await countPrompt(deps, model, null, chat, call.signal);
  if (promptTokens !== null && roomFor(promptTokens, model.contextTokens) === null)
    throw new Problem(promptTooLong(promptTokens, model.contextTokens));
}

const STAGES: Readonly<Record<WarmingStage, string>> = {
  capacity: "a machine is being found (step 1 of 4)",
  image: "the machine loads its software (step 2 of 4)",
  weights: "the model is loaded into memory (step 3 of 4)",
  compile: "the model is prepared for the machine (step 4 of 4)",
};

function stageText({ stage, elapsedMs, usualMs }: Warming): string {
  const usual = usualMs === null ? "" : `, usually about ${seconds(usualMs)} s`;
  return `${STAGES[stage]}, ${seconds(elapsedMs)} s so far${usual}`;
}

const seconds = (ms: number): number => Math.round(ms / 1000);

function waitSeconds({ elapsedMs, usualMs }: Warming): number {
  const left = usualMs === null ? USUAL_WAIT : seconds(usualMs - elapsedMs);
  return Math.min(Math.max(left, LEAST_WAIT), MOST_WAIT);
}
