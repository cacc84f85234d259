import type { MessagesRequest } from "../client/request.ts";
import type { GatewayDeps } from "../deps.ts";
import type { Plan } from "../profiles/profile.ts";
import type { Relay } from "../reply/relay.ts";
import { createRelay } from "../reply/relay.ts";
import type { ChatChunk } from "../upstream/chat-chunk.ts";
import { decodeReplyStream } from "../upstream/decode-stream.ts";
import type { Due } from "./alarm.ts";
import { askModel } from "./ask-model.ts";
import type { Call } from "./call.ts";
import { freshId } from "./fresh-id.ts";
import type { Outlet } from "./outlet.ts";
import { createOutlet } from "./outlet.ts";
import type { Patience } from "./patience.ts";
import { createPatience } from "./patience.ts";
import { targetHeld } from "./ready-target.ts";
import type { Served } from "./served.ts";

export interface MessageJob {
  readonly deps: GatewayDeps;
  readonly call: Call;
  readonly request: MessagesRequest;
  readonly served: Served;
  readonly plan: Extract<Plan, { kind: "ask" }>;
}

/** How long an answer may stay without a status line, so that a refusal can still be an HTTP error. */
const UNDECIDED_MS = 10_000;

/** Answers with server-sent events, as the model's answer comes. */
export function streamMessage(job: MessageJob): Promise<Response> {
  const { deps, call, request } = job;
  const outlet = createOutlet(call, request.model);
  const patience = createPatience(deps.clock, call, deps.limits.totalMs, duesOf(job, outlet));
  // Two functions, so that nothing of the request is kept in memory while its answer comes, often for minutes.
  void askAndOpen(job, outlet, patience)
    .then((opened) => relayAnswer(call, opened, outlet, patience, deps.limits.silenceMs))
    .then(
      () => {
        outlet.end();
        call.finish(null);
      },
      (thrown: unknown) => {
        const error = call.errorOf(thrown);
        outlet.fail(error);
        call.finish(error);
      },
    )
    .finally(() => patience.end());
  return outlet.response;
}

interface Opened {
  readonly relay: Relay;
  readonly batches: AsyncIterable<readonly ChatChunk[]>;
}

async function askAndOpen({ deps, call, served, plan }: MessageJob, outlet: Outlet, patience: Patience): Promise<Opened> {
  const { model } = served;
  const target = await targetHeld(deps, call, served, plan.chat, outlet);
  patience.expect(deps.limits.headersMs);
  const answer = await askModel({ deps, call, model, target, chat: plan.chat });
  patience.expect(deps.limits.silenceMs);
  return { relay: createRelay(plan, model, outlet.events, freshId), batches: decodeReplyStream(answer.body, model) };
}

async function relayAnswer(call: Call, { relay, batches }: Opened, outlet: Outlet, patience: Patience, silenceMs: number): Promise<void> {
  for await (const chunks of batches) {
    relay.push(chunks);
    if (relay.hasOutput) {
      call.markFirstToken();
      outlet.open();
    }
    const caughtUp = outlet.flush();
    if (caughtUp !== null) {
      patience.expect(Infinity);
      await caughtUp;
      call.signal.throwIfAborted();
    }
    patience.expect(silenceMs);
  }
  const { end, usage } = relay.end();
  call.usage = usage;
  outlet.events.end(end, usage);
}

/** What happens on an open stream although nothing comes from the model. */
function duesOf({ deps, call }: MessageJob, outlet: Outlet): readonly Due[] {
  const { clock, limits } = deps;
  let pingAtMs = call.startedMs + limits.pingMs;
  return [
    {
      at: () => (outlet.isOpen || call.signal.aborted ? Infinity : call.startedMs + UNDECIDED_MS),
      ring: () => {
        outlet.open();
        void outlet.flush();
      },
    },
    {
      at: () => pingAtMs,
      ring: () => {
        pingAtMs = clock.now() + limits.pingMs;
        if (!outlet.isOpen || outlet.isFull()) return;
        outlet.events.ping();
        void outlet.flush();
      },
    },
  ];
}
