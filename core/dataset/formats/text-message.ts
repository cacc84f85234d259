import { createHash } from "node:crypto";

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

/** SHA-256 in hex of the UTF-8 of all frames: a trainer that renders the same messages by itself can tell that it has the same text. */
export function textSha256(messages: readonly TextMessage[]): string {
  const hash = createHash("sha256");
  for (const message of messages) hash.update(chatFrame(message));
  return hash.digest("hex");
}
