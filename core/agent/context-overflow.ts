/**
 * How servers say that a prompt does not fit the model's window. There is no common code for it, so the wordings are
 * listed, each with where it was seen.
 */
const WORDINGS: readonly RegExp[] = [
  // OpenAI, DeepSeek, vLLM: "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens" (vllm-project/vllm#20409)
  /maximum context length/i,
  // OpenAI: error.code; also "Your input exceeds the context window of this model"
  /context_length_exceeded|exceeds the context window/i,
  // vLLM: "The decoder prompt (length 21535) is longer than the maximum model length of 16384" (xorbitsai/inference#3785)
  /longer than the maximum model length/i,
  // vLLM: "The prompt (total length 25938) is too long to fit into the model" (vllm-project/vllm#12165)
  /too long to fit into the model/i,
  // vLLM: "max_tokens must be at least 1, got -5": what is left of the window after the prompt (vllm-project/vllm#33418)
  /max_tokens must be at least 1, got -?\d+/i,
  // vLLM: "However, the model's context length is only 32768 tokens" (vllm-project/vllm @017638d, vllm/renderers/params.py)
  /the model'?s context length is only/i,
  // SGLang: "The input (61709 tokens) is longer than the model's context length (40960 tokens)." (QwenLM/Qwen3#1321)
  /longer than the model'?s context length/i,
  // SGLang: "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens)." (sgl-project/sglang#4048)
  /input length .{0,40}exceeds the maximum allowed length/i,
  // llama.cpp: type "exceed_context_size_error", "the request exceeds the available context size" (ggml-org/llama.cpp#15780)
  /exceed_context_size_error|exceeds the available context size/i,
  // llama-cpp-python: "Requested tokens (2285) exceed context window of 2048" (abetlen/llama-cpp-python#416)
  /exceed context window of/i,
  // Anthropic, and proxies in front of it: "prompt is too long: 213462 tokens > 200000 maximum"
  /prompt is too long/i,
  // Anthropic: "input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000"
  /exceed context limit/i,
  // LiteLLM: the exception's name stands in the message
  /ContextWindowExceeded/i,
];

/** `text` is the body of an error reply, whatever its shape. */
export const saysContextOverflow = (text: string): boolean => WORDINGS.some((wording) => wording.test(text));
