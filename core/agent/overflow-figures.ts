/** What a server's refusal says of a prompt that does not fit. Tokens; null where it does not say. */
export interface OverflowFigures {
  readonly promptTokens: number | null;
  /**
   * The server stopped counting when the prompt was too long for what the answer leaves: `promptTokens` is only the least that the
   * prompt may have, or unknown, and a smaller answer may well fit. False where even the least fills the window.
   */
  readonly isPromptUncounted: boolean;
  /** The window, prompt and answer together. */
  readonly contextTokens: number | null;
  /** What was asked for the answer. */
  readonly answerTokens: number | null;
}

/** Of the groups, `prompt` is exact, `least` is a lower bound, `more` adds to the prompt, `beyond` is the prompt's excess over the window. */
const WORDINGS: readonly { readonly says: RegExp; readonly isPromptUncounted?: true }[] = [
  // vLLM 2026: "This model's maximum context length is 32768 tokens. However, you requested 32000 output tokens and your prompt contains
  // at least 769 input tokens, for a total of at least 32769 tokens." The prompt is cut to what fits and one more before it is counted.
  {
    says: /maximum context length is (?<context>\d+) tokens?\. However, you requested (?<answer>\d+) output tokens and your prompt contains at least (?<least>\d+) input tokens/,
    isPromptUncounted: true,
  },
  {
    says: /maximum context length is (?<context>\d+) tokens?\. However, you requested (?<answer>\d+) output tokens and your prompt contains (?<prompt>\d+) input tokens/,
  },
  // The same, refused by its characters before it is tokenized.
  {
    says: /maximum context length is (?<context>\d+) tokens?\. However, you requested (?<answer>\d+) output tokens and your prompt contains (?:at least )?\d+ characters/,
    isPromptUncounted: true,
  },
  // vLLM, early 2026: "You passed 769 input tokens and requested 32000 output tokens. However, the model's context length is only 32768
  // tokens" (@017638d, vllm/renderers/params.py: the count is cut in the same way)
  {
    says: /You passed (?<least>\d+) input tokens and requested (?<answer>\d+) output tokens\. However, the model's context length is only (?<context>\d+) tokens/,
    isPromptUncounted: true,
  },
  {
    says: /You passed \d+ input characters and requested (?<answer>\d+) output tokens\. However, the model's context length is only (?<context>\d+) tokens/,
    isPromptUncounted: true,
  },
  // vLLM 2026: "max_tokens=8000 cannot be greater than max_model_len=max_total_tokens=4096." The first version forgot the blank.
  {
    says: /max_(?:completion_|output_)?tokens=(?<answer>\d+) ?cannot be greater than (?:max_\w+=)+(?<context>[\d,]+)/,
    isPromptUncounted: true,
  },
  // OpenAI, vLLM before 0.9: "However, you requested 122946 tokens (112946 in the messages, 10000 in the completion)" (vllm-project/vllm#20409)
  {
    says: /maximum context length is (?<context>\d+) tokens?\. However, you requested \d+ tokens \((?<prompt>\d+) in (?:the|your) (?:messages|prompt)[,;] (?:(?<more>\d+) in the functions, and )?(?<answer>\d+) (?:in|for) the completion\)/,
  },
  // vLLM 0.9 to 0.14: "However, your request has 40000 input tokens"; OpenAI: "However, your messages resulted in 130000 tokens"
  {
    says: /maximum context length is (?<context>\d+) tokens?\. However, your (?:request has|messages resulted in|prompt contains) (?<prompt>\d+)/,
  },
  // vLLM 0.9 to 0.14: "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context length is 4096 tokens and
  // your request has 2778 input tokens (8000 > 4096 - 2778)."
  {
    says: /is too large: (?<answer>\d+)\. This model's maximum context length is (?<context>\d+) tokens and your request has (?<prompt>\d+) input tokens/,
  },
  // vLLM's engine: "The decoder prompt (length 21535) is longer than the maximum model length of 16384"; since 2025 also "(length 8192)
  // plus the number of requested output tokens (at least 1) is longer …"
  {
    says: /prompt \((?:total )?length (?<prompt>\d+)\) (?:plus the number of requested output tokens \(at least 1\) )?is longer than the maximum model length of (?<context>\d+)/,
  },
  // vLLM 0.6: "The prompt (total length 25938) is too long to fit into the model (context length 16384)" (vllm-project/vllm#12165)
  { says: /prompt \(total length (?<prompt>\d+)\) is too long to fit into the model(?: \(context length (?<context>\d+)\))?/ },
  // vLLM: the window less the prompt, as the default of max_tokens (vllm-project/vllm#33418)
  { says: /max_tokens must be at least 1, got (?:-(?<beyond>\d+)|0)/ },
  // SGLang: "You requested a total of 45000 tokens: 41000 tokens from the input messages and 4000 tokens for the completion"
  {
    says: /maximum context length of (?<context>\d+) tokens\. You requested a total of \d+ tokens: (?<prompt>\d+) tokens from the input messages and (?<answer>\d+) tokens for the completion/,
  },
  // SGLang (QwenLM/Qwen3#1321, sgl-project/sglang#4048)
  { says: /input \((?<prompt>\d+) tokens\) is longer than the model's context length \((?<context>\d+) tokens\)/i },
  {
    says: /input length \((?<prompt>\d+)(?: tokens)?\) exceeds (?:the )?(?:maximum allowed|model's maximum context) length \((?<context>\d+)(?: tokens)?\)/i,
  },
  // llama.cpp: "request (268914 tokens) exceeds the available context size (262144 tokens)"
  { says: /request \((?<prompt>\d+) tokens\) exceeds the available context size \((?<context>\d+) tokens\)/ },
  // llama-cpp-python (abetlen/llama-cpp-python#416)
  { says: /Requested tokens \((?<prompt>\d+)\) exceed context window of (?<context>\d+)/ },
  // Anthropic
  { says: /prompt is too long: (?<prompt>\d+) tokens > (?<context>\d+) maximum/i },
  { says: /exceed context limit: (?<prompt>\d+) \+ (?<answer>\d+) > (?<context>\d+)/ },
];

/**
 * Reads the figures of a refusal for length. `window` fills in where the server does not name it. Null when the text is none that names
 * figures: `saysContextOverflow` may still know it.
 */
export function overflowFigures(text: string, window: number | null): OverflowFigures | null {
  for (const { says, isPromptUncounted } of WORDINGS) {
    const groups = says.exec(text)?.groups;
    if (groups === undefined) continue;
    const contextTokens = tokens(groups["context"]) ?? window;
    const prompt = promptTokens(groups, contextTokens);
    return {
      promptTokens: prompt,
      isPromptUncounted: isPromptUncounted === true && !(prompt !== null && contextTokens !== null && prompt >= contextTokens),
      contextTokens,
      answerTokens: tokens(groups["answer"]),
    };
  }
  return null;
}

function promptTokens(groups: Readonly<Record<string, string | undefined>>, contextTokens: number | null): number | null {
  const prompt = tokens(groups["prompt"]) ?? tokens(groups["least"]);
  if (prompt !== null) return prompt + (tokens(groups["more"]) ?? 0);
  const beyond = tokens(groups["beyond"]);
  return beyond === null || contextTokens === null ? null : contextTokens + beyond;
}

/** Figures beyond what a number holds exactly are no figures. */
function tokens(digits: string | undefined): number | null {
  if (digits === undefined) return null;
  const value = Number(digits.replaceAll(",", ""));
  return Number.isSafeInteger(value) ? value : null;
}
