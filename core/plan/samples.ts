import type { SeracConfig } from "../config/schema.ts";
import type { SourceFunction } from "../survey/function.ts";
import { drawOrder } from "./draw-order.ts";
import { drawKinds, KindSchedule } from "./kind-schedule.ts";
import { weightedKinds, type WeightedKind } from "./kinds.ts";
import { digest, randomFrom, wholeNumber } from "./random.ts";
import { sampleIdOf } from "./sample-id.ts";

/** A SampleRecord (core/svg, a floor above) at the very beginning of its life. */
export interface PlannedSample {
  readonly id: string;
  readonly runId: string;
  readonly index: number;
  readonly function: SourceFunction;
  readonly kinds: readonly string[];
  readonly replica: number;
  readonly seed: number;
  readonly state: "planned";
  readonly reason: null;
  readonly detail: null;
  readonly attempts: 0;
  readonly firstRolloutId: null;
  readonly firstAccepted: false;
  readonly pullRequest: null;
  readonly secondRolloutId: null;
  readonly score: null;
  readonly costMicroUsd: 0;
  readonly updatedAt: string;
}

export interface PlanRequest {
  readonly functions: readonly SourceFunction[];
  readonly config: Pick<SeracConfig, "plan" | "rollout">;
  readonly runId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Leaves out the samples before this one. */
  readonly fromIndex?: number;
}

/**
 * The samples of a run, in order. The same functions, settings and seed give the same samples anywhere. Every function
 * is drawn once before any is drawn again, those of under three lines after all replicas of the others; kinds are dealt
 * by weight, and replicas of a function get different ones. May be fewer than asked for: see plannedSamples().
 */
export function* planSamples(request: PlanRequest): Generator<PlannedSample> {
  const { functions, config, fromIndex = 0 } = request;
  const kinds = weightedKinds(config.plan);
  const replicas = Math.min(config.plan.perFunction, kinds.length);
  const schedule = new KindSchedule(kinds, config.plan.seed);
  const order = drawOrder(functions, config.plan.seed);
  let index = 0;
  for (const group of [order.long, order.short]) {
    const count = Math.min(config.plan.samples - index, group.length * replicas);
    const dealt = dealKinds(schedule, group.length, count);
    for (let at = Math.max(0, fromIndex - index); at < count; at++) {
      const fn = functions[group[at % group.length]!]!;
      const position = { fn, index: index + at, replica: Math.floor(at / group.length) };
      yield plannedSample(request, kinds, position, dealt[at]!, othersOf(dealt, at, group.length));
    }
    index += count;
  }
}

/** How many samples the plan will have, and out of how many asked for. */
export function plannedSamples(functions: number, plan: SeracConfig["plan"]): { readonly planned: number; readonly requested: number } {
  const each = Math.min(plan.perFunction, weightedKinds(plan).length);
  return { planned: Math.min(plan.samples, functions * each), requested: plan.samples };
}

/** One kind a sample, as indices: two bytes a sample are all that the plan keeps in memory. */
function dealKinds(schedule: KindSchedule, functions: number, count: number): Uint16Array {
  const dealt = new Uint16Array(count);
  for (let at = 0; at < count; at++) {
    const taken: number[] = [];
    for (let earlier = at - functions; earlier >= 0; earlier -= functions) taken.push(dealt[earlier]!);
    dealt[at] = schedule.deal(taken);
  }
  return dealt;
}

/** Planned kinds of the other replicas of the same function, so that a retry need not repeat them. */
function othersOf(dealt: Uint16Array, at: number, functions: number): number[] {
  const others: number[] = [];
  for (let other = at % functions; other < dealt.length; other += functions) if (other !== at) others.push(dealt[other]!);
  return others;
}

function plannedSample(
  { config, runId, createdAt }: PlanRequest,
  kinds: readonly WeightedKind[],
  { fn, index, replica }: { fn: SourceFunction; index: number; replica: number },
  planned: number,
  others: readonly number[],
): PlannedSample {
  const state = digest("sample", config.plan.seed, fn.id, replica);
  const retries = drawKinds(kinds, config.rollout.attempts - 1, planned, others, randomFrom(state));
  return {
    id: sampleIdOf(runId, index),
    runId,
    index,
    function: fn,
    kinds: [planned, ...retries].map((kind) => kinds[kind]!.id),
    replica,
    seed: wholeNumber(state),
    state: "planned",
    reason: null,
    detail: null,
    attempts: 0,
    firstRolloutId: null,
    firstAccepted: false,
    pullRequest: null,
    secondRolloutId: null,
    score: null,
    costMicroUsd: 0,
    updatedAt: createdAt,
  };
}
