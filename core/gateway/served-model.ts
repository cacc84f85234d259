import type { PROFILES } from "./profiles/names.ts";

export type ProfileName = (typeof PROFILES)[number];

/** How a served model wants to be spoken to. */
export interface ServedModel {
  /** What clients call it; also the name in answers to /v1/models. */
  readonly name: string;
  /** What the upstream calls it. */
  readonly upstreamName: string;
  readonly profile: ProfileName;
  /** The window, prompt and answer together. Tokens; null when nobody knows. */
  readonly contextTokens: number | null;
  /** The most that an answer may take; requests that ask for more are cut down to it. Tokens; null for no limit of ours. */
  readonly maxOutputTokens: number | null;
  /** Used where the client says nothing. */
  readonly sampling: { readonly temperature: number | null; readonly topP: number | null; readonly topK: number | null };
  readonly canSeeImages: boolean;
  /**
   * How thoughts stand in the content: in a leading `<think>` block, without the opening tag because the template wrote it already, or
   * not at all. Thoughts in a field of their own are understood in any case.
   */
  readonly thinking: "leading-tag" | "template-opened" | "none";
  /** The model was trained on texts with escaped reserved literals (ADR 7): the same is done on the way in and undone on the way out. */
  readonly escapesReserved: boolean;
  /** `<tool_call>` in the content is read as a call: for servers whose own parser misses some, or that have none. */
  readonly readsCallsInText: boolean;
}
