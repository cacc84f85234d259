/** A message of the text formats; what a chat template puts between `<|im_start|>role\n` and `<|im_end|>`. */
export interface TextMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  readonly train: boolean;
}

/** ChatML, as Qwen3's template frames every message. */
export function chatFrame(message: TextMessage): string {
  return `<|im_start|>${message.role}\n${message.content}<|im_end|>\n`;
}
