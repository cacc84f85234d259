import * as z from "zod";
import type { Trajectory } from "../../agent/trajectory.ts";
import { changedLines, patchHash } from "../../svg/patch/index.ts";
import { conversationOf, type Turn } from "../conversation.ts";
import type { DatasetFormat } from "../formats/index.ts";
import { chatFrame, textSha256 } from "../formats/text-message.ts";
import type { Tokenizer } from "../tokenizer/index.ts";

/** Change it when a text format's rendering changes: facts of the old one are then counted anew. */
const RENDERING = 2;

const turnFacts = z.object({
  role: z.enum(["system", "user", "assistant", "tools"]),
  train: z.boolean(),
  tokens: z.int().min(0),
  /** Tool results in the turn. */
  results: z.int().min(0),
});

const factsSchema = z.object({
  schema: z.literal("serac.facts/1"),
  /** Which vocabulary counted which text. */
  counter: z.string(),
  exitStatus: z.string(),
  patchLines: z.int().min(0),
  patchHash: z.string(),
  /** Null when the trajectory cannot be written in this format. */
  turns: z.array(turnFacts).nullable(),
  /** Of the whole text, uncut; null where there is none. */
  textSha256: z.string().nullable(),
});

/** What filters and selection need of a trajectory: a thousandth of its size, so that it is counted once and then read. */
export interface StoredFacts extends Omit<z.infer<typeof factsSchema>, "turns"> {
  readonly turns: readonly TurnFacts[] | null;
}
export interface RolloutFacts extends StoredFacts {
  readonly turns: readonly TurnFacts[];
}
export type TurnFacts = Readonly<z.infer<typeof turnFacts>>;

export function counterOf(format: DatasetFormat, tokenizer: Tokenizer): string {
  return `${tokenizer.name}/${format.counted.name}/${RENDERING}`;
}

/** Null for facts that are damaged, or that another vocabulary or rendering counted. */
export function readFacts(content: Uint8Array, counter: string): StoredFacts | null {
  try {
    const facts = factsSchema.parse(JSON.parse(Buffer.from(content).toString()));
    return facts.counter === counter ? facts : null;
  } catch {
    return null;
  }
}

/** InputError("not_a_patch") for a trajectory whose patch is none. */
export function factsOf(trajectory: Trajectory, format: DatasetFormat, tokenizer: Tokenizer): StoredFacts {
  const turns = conversationOf(trajectory);
  const messages = format.counted.format.render(turns, trajectory.tools);
  return {
    schema: "serac.facts/1",
    counter: counterOf(format, tokenizer),
    exitStatus: trajectory.exitStatus,
    patchLines: changedLines(trajectory.patch),
    patchHash: patchHash(trajectory.patch),
    turns: messages === null ? null : countTurns(turns, messages.map(chatFrame), tokenizer),
    textSha256: messages === null ? null : textSha256(messages),
  };
}

function countTurns(turns: readonly Turn[], frames: readonly string[], tokenizer: Tokenizer): readonly TurnFacts[] {
  // A system turn made for the tools alone counts with the turn behind it.
  const extra = frames.length - turns.length;
  return turns.map((turn, index) => ({
    role: turn.role,
    train: turn.role === "assistant" && turn.train,
    tokens: tokenizer.count(index === 0 ? frames.slice(0, extra + 1).join("") : frames[index + extra]!),
    results: turn.role === "tools" ? turn.results.length : 0,
  }));
}
