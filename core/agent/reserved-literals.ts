/**
 * Literals that are one token each in Qwen3's vocabulary or that frame a call. Where data (a prompt, a reply, a tool's output) holds
 * one, a backslash is put behind its `<`, so that the frame is the only source of such tokens and nothing that a repository contains
 * can end a turn, open a thought or pass for a call. `<think>` in a file is shown as `<\think>`, `<\think>` as `<\\think>`, and so on:
 * the way back is exact. A gateway that serves a model trained on these texts must do the same in both directions.
 */
const TAGS = ["think", "tool_call", "tool_response", "function", "parameter"];
const SPECIALS = [
  ["endoftext", "im_start", "im_end"],
  ["object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end"],
  ["vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"],
  ["fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep"],
].flat();

/** What makes a literal behind its `<`. None is the beginning of another. */
export const RESERVED_WORDS: readonly string[] = [
  ...TAGS.flatMap((tag) => [`${tag}>`, `/${tag}>`]),
  "function=",
  "parameter=",
  ...SPECIALS.map((name) => `|${name}|>`),
];

const WORDS = String.raw`\/?(?:${TAGS.join("|")})>|(?:function|parameter)=|\|(?:${SPECIALS.join("|")})\|>`;

const IN_TEXT = new RegExp(String.raw`<(\\*)(?=${WORDS})`, "g");
const IN_TEXT_ESCAPED = new RegExp(String.raw`<\\(\\*)(?=${WORDS})`, "g");
/** In JSON text a backslash of the data is two, and an odd one belongs to an escape such as `\t`. */
const IN_JSON = new RegExp(String.raw`<((?:\\\\)*)(?=${WORDS})`, "g");
const IN_JSON_ESCAPED = new RegExp(String.raw`<\\\\((?:\\\\)*)(?=${WORDS})`, "g");

export function escapeText(text: string): string {
  return text.includes("<") ? text.replace(IN_TEXT, "<\\$1") : text;
}

export function unescapeText(text: string): string {
  return text.includes("<\\") ? text.replace(IN_TEXT_ESCAPED, "<$1") : text;
}

/** For JSON text as it stands: the strings in it are escaped as `escapeText` would, nothing else changes. */
export function escapeJson(json: string): string {
  return json.includes("<") ? json.replace(IN_JSON, "<\\\\$1") : json;
}

export function unescapeJson(json: string): string {
  return json.includes("<\\") ? json.replace(IN_JSON_ESCAPED, "<$1") : json;
}
