import { escapeText } from "../../../agent/reserved-literals.ts";
import type { ClientBlock, ImageBlock, ToolResultBlock } from "../../client/request.ts";
import type { ServedModel } from "../../served-model.ts";
import type { ChatPart } from "../../upstream/chat-request.ts";

/** What of a model decides how texts and images are written for it. */
export type Eyes = Pick<ServedModel, "canSeeImages" | "escapesReserved">;

/** A result whose call was cut off: a person stopped it, or the client ended. */
export const NO_RESULT = "There is no result: the call was interrupted before it ended.";
const EMPTY_RESULT = "(no output)";

export const textFor = (eyes: Eyes, text: string): string => (eyes.escapesReserved ? escapeText(text) : text);

/** A block of a user as the model sees it; null for what says nothing. */
export function userPart(block: ClientBlock, eyes: Eyes): ChatPart | null {
  if (block.type === "text") return textPart(textFor(eyes, block.text));
  if (block.type === "image") return imagePart(block, eyes);
  if (block.type === "other") return textPart(textFor(eyes, block.text ?? `[${block.name}: cannot be shown to this model]`));
  return null;
}

/** The text of a result, and the images that have to follow it in a message of their own. */
export function resultContent(result: ToolResultBlock, eyes: Eyes): { readonly text: string; readonly images: readonly ChatPart[] } {
  const texts: string[] = [];
  const images: ChatPart[] = [];
  for (const block of result.content) {
    const part = userPart(block, eyes);
    if (part?.type === "text") texts.push(part.text);
    else if (part !== null) images.push(part);
  }
  if (texts.length === 0 && images.length > 0) texts.push(images.length === 1 ? "The image follows." : "The images follow.");
  const text = texts.join("\n");
  return { text: text === "" ? EMPTY_RESULT : text, images };
}

/** Parts of one message, texts that stand side by side joined. A string where there is nothing but text. */
export function joinParts(parts: readonly ChatPart[]): string | ChatPart[] {
  const joined: ChatPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === "text" && last?.type === "text") joined[joined.length - 1] = { type: "text", text: `${last.text}\n\n${part.text}` };
    else joined.push(part);
  }
  const [only] = joined;
  return joined.length === 1 && only?.type === "text" ? only.text : joined;
}

function imagePart(image: ImageBlock, eyes: Eyes): ChatPart | null {
  if (eyes.canSeeImages) return { type: "image_url", image_url: { url: image.url ?? `data:${image.mediaType};base64,${image.base64}` } };
  return { type: "text", text: `[${image.mediaType || "image"}: this model cannot see images]` };
}

const textPart = (text: string): ChatPart | null => (text.trim() === "" ? null : { type: "text", text });
