import type { ThoughtFrame } from "../reply/part.ts";

/**
 * What a mapping would lose, riding in a tool_use id, which clients echo verbatim in the call and in its result (measured with ids of
 * 300,000 characters). It comes back through hostile hands: it is read as data of the same trust as the rest of the request.
 */
export interface CallState {
  /** The model's call, as it wrote it. */
  readonly name: string;
  readonly arguments: string;
  /** One model call may take several client calls: 0 for the first, which is the model's; later ones are the gateway's own. */
  readonly step: number;
  /** White space that ended the text in front of the call, which clients may trim; "" as a rule. */
  readonly before: string;
  /** `arguments` is what stood between call tags and is no call. */
  readonly isUnparsed: boolean;
}

/** What rides in the signature of a thinking block. */
export type ThoughtState =
  /** A thought of the model. */
  | { readonly kind: "thought"; readonly frame: ThoughtFrame }
  /** The gateway's own report of a server that warms up: no part of the conversation. */
  | { readonly kind: "progress" }
  /** A reply without a word, whose calls the client never saw: `submit`. The visible text is a stand-in and no part of it. */
  | {
      readonly kind: "hidden-calls";
      readonly frame: ThoughtFrame | null;
      readonly calls: readonly { readonly name: string; readonly arguments: string }[];
      /** White space in front of the first of the calls. */
      readonly before: string;
    };
