import type { ReasoningPlace } from "../upstream/chat-chunk.ts";

/** A model's reply in pieces, in their order: thoughts, text and calls told apart, reserved literals of texts back in their own form. */
export type ReplyPart =
  | { readonly kind: "thinking"; readonly text: string }
  /** The thought is complete. */
  | { readonly kind: "thought"; readonly frame: ThoughtFrame }
  | { readonly kind: "text"; readonly text: string }
  /** A call begins; its arguments follow. Calls come one after another, never interleaved. */
  | { readonly kind: "call"; readonly name: string }
  /** JSON text as the model wrote it, escapes of reserved literals still in it. */
  | { readonly kind: "arguments"; readonly text: string }
  /** The call is complete. `isWhole` is false when the reply ended in its midst. */
  | { readonly kind: "called"; readonly isWhole: boolean }
  /** What stood between call tags in the text and is no call, as the model wrote it. */
  | { readonly kind: "unparsed"; readonly text: string };

/** What has to stand around a thought to put it back into the history exactly as the model wrote it. */
export type ThoughtFrame =
  | { readonly place: ReasoningPlace }
  /** In the content; `open` is empty where the template wrote the tag. */
  | { readonly place: "content"; readonly open: string; readonly close: string };
