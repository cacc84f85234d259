import { observation } from "../../../../agent/observation.ts";
import { BROKEN_OFF } from "../../../../agent/toolsets/swe-agent/prompts.ts";
import type { CommandPathMap } from "../../../paths/create-path-map.ts";
import { createMemory, type Memory } from "../memory.ts";
import { observed, runProgram, type ClientCall, type Outcome } from "../program.ts";
import { programOf } from "../programs/index.ts";
import type { ReplyTurn, Transcript, Turn } from "./transcript.ts";

export interface Replay {
  /** Of every call of every reply, in their order. */
  readonly outcomes: ReadonlyMap<ReplyTurn, readonly Outcome[]>;
  /** What the client has to do before the model can be asked; empty when nothing. */
  readonly next: readonly NextStep[];
  /** What the conversation showed, for the programs of the reply to come. */
  readonly memory: Memory;
}

export interface NextStep {
  /** Counts the calls of the reply. */
  readonly call: number;
  readonly step: number;
  readonly clientCall: ClientCall;
}

export interface ReplayOptions {
  readonly paths: CommandPathMap;
  readonly escapesReserved: boolean;
  /** Whether programs that are under way go on; where the model is to sum up at once, they count as broken off. */
  readonly goesOn: boolean;
}

/** Runs the programs of all calls again, each with what the conversation knew at its time. */
export function replay({ turns }: Transcript, { paths, escapesReserved, goesOn }: ReplayOptions): Replay {
  const memory = createMemory();
  const ground = { paths, memory };
  const outcomes = new Map<ReplyTurn, readonly Outcome[]>();
  let next: NextStep[] = [];
  for (const [index, turn] of turns.entries()) {
    if (turn.kind !== "reply") continue;
    const isUnderWay = goesOn && !turns.slice(index + 1).some(endsPrograms);
    const ends = turn.calls.map(({ state, steps }, call): Outcome => {
      const progress = runProgram(programOf(state, ground, escapesReserved), steps, paths);
      if (progress.state === "ended") return progress.outcome;
      if (isUnderWay && progress.state === "wants") next.push({ call, step: progress.step, clientCall: progress.call });
      return observed(observation(BROKEN_OFF));
    });
    outcomes.set(turn, ends);
    for (const outcome of ends) if (outcome.kind === "observation") outcome.effects.forEach((effect) => memory.note(effect));
    for (const { use, result } of turn.calls.flatMap((call) => call.steps)) {
      if (use.name === "Read" && result !== null) memory.noteRead(use.input, result);
    }
  }
  return { outcomes, next, memory };
}

/** A reply, or a person who stopped the work. Words of a person beside results are no reason to stop. */
function endsPrograms(turn: Turn): boolean {
  return turn.kind === "reply" || turn.texts.some((text) => text.startsWith("[Request interrupted by user"));
}
