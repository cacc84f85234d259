import type { ErrorBody } from "./error-body.ts";
import { badRequest } from "./error-body.ts";

/**
 * The ways in which vLLM's releases refuse a prompt that does not fit (sources: quirks.md).
 * `requested`: before 0.9. `input-tokens`: 0.9 to 0.13; two texts, by whether the prompt alone is too long. `passed`: after it.
 * `at-least`: since 0.16; tokenizing stops at the first token too many, so the number in it is a lower bound that says nothing of the
 * prompt. `characters`: the same releases, for texts that need not be tokenized to know. `negative`, `exceeds`: where max_tokens was
 * left out.
 */
export const OVERFLOW_WORDINGS = ["requested", "input-tokens", "passed", "at-least", "characters", "negative", "exceeds"] as const;
export type OverflowWording = (typeof OVERFLOW_WORDINGS)[number];

interface Sizes {
  readonly promptTokens: number;
  readonly promptCharacters: number;
  /** As the request says; null for one that says nothing and gets what is left. */
  readonly maxTokens: number | null;
  readonly contextTokens: number;
}

/** The refusal, or null where the request fits. */
export function overflowError(wording: OverflowWording, sizes: Sizes): ErrorBody | null {
  const { promptTokens: prompt, contextTokens: window } = sizes;
  const completion = sizes.maxTokens ?? 0;
  if (prompt < window && prompt + completion <= window) return null;
  // These two speak of the prompt alone.
  const told = prompt < window && (wording === "negative" || wording === "exceeds") ? "at-least" : wording;
  return TEXTS[told](prompt, completion, window, sizes);
}

type Text = (prompt: number, completion: number, window: number, sizes: Sizes) => ErrorBody;

const TEXTS: Readonly<Record<OverflowWording, Text>> = {
  requested: (prompt, completion, window, { maxTokens }) =>
    badRequest(
      maxTokens === null
        ? `This model's maximum context length is ${window} tokens. However, you requested ${prompt} tokens in the messages, Please reduce the length of the messages.`
        : `This model's maximum context length is ${window} tokens. However, you requested ${prompt + completion} tokens (${prompt} in the messages, ${completion} in the completion). Please reduce the length of the messages or completion.`,
    ),

  "input-tokens": (prompt, completion, window) =>
    prompt >= window
      ? badRequest(
          `This model's maximum context length is ${window} tokens. However, your request has ${prompt} input tokens. Please reduce the length of the input messages.`,
        )
      : badRequest(
          `'max_tokens' or 'max_completion_tokens' is too large: ${completion}. This model's maximum context length is ${window} tokens and your request has ${prompt} input tokens (${completion} > ${window} - ${prompt}).`,
        ),

  passed: (prompt, completion, window) => {
    if (completion > window) return tooManyAsked(completion, window);
    const room = window - completion;
    const counted = Math.min(prompt, room + 1);
    return badRequest(
      `You passed ${counted} input tokens and requested ${completion} output tokens. However, the model's context length is only ${window} tokens, resulting in a maximum input length of ${room} tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${counted})`,
      "input_tokens",
    );
  },

  "at-least": (prompt, completion, window) => {
    if (completion > window) return tooManyAsked(completion, window);
    const counted = Math.min(prompt, window - completion + 1);
    return badRequest(
      `This model's maximum context length is ${window} tokens. However, you requested ${completion} output tokens and your prompt contains at least ${counted} input tokens, for a total of at least ${counted + completion} tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=${counted})`,
      "input_tokens",
    );
  },

  characters: (_prompt, completion, window, { promptCharacters }) => {
    if (completion > window) return tooManyAsked(completion, window);
    const room = window - completion;
    return badRequest(
      `This model's maximum context length is ${window} tokens. However, you requested ${completion} output tokens and your prompt contains ${promptCharacters} characters (more than ${room * 10} characters, which is the upper bound for ${room} input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=${promptCharacters})`,
      "input_text",
    );
  },

  negative: (prompt, _completion, window) =>
    badRequest(`max_tokens must be at least 1, got ${window - prompt}. (parameter=max_tokens, value=${window - prompt})`, "max_tokens"),

  exceeds: (prompt, _completion, window) => badRequest(`Input length (${prompt}) exceeds model's maximum context length (${window}).`),
};

const tooManyAsked = (completion: number, window: number): ErrorBody =>
  badRequest(
    `max_tokens=${completion} cannot be greater than max_model_len=max_total_tokens=${window}. Please request fewer output tokens. (parameter=max_tokens, value=${completion})`,
    "max_tokens",
  );
