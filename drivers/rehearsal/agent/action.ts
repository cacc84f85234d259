/** One tool call that the agent wants, and what it says about it. */
export interface Action {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What it says; the transcript that judge and writer read holds this. */
  readonly say: string;
  readonly think: string;
}

/** An agent's plan as a sequence of actions, each answered by the text of its observation. It never ends by itself. */
export type Script = Generator<Action, never, string>;
/** A part of a script, with what it found out. */
export type Scene<T> = Generator<Action, T, string>;
