/**
 * What a reply says beside its calls, as the text holds it. Blanks and line ends at its beginning are left out: the tokens of the frame
 * in front would merge with them (`assistant\n` and `\n` have one token for both line ends), and no server could go on from there. In
 * front of a call stands one line end, unless the words end with one: so serve.jinja makes it of the two fields of a chat message, and
 * vLLM's parser leaves the line end in the content.
 */
export function assistantContent(content: string, hasCalls: boolean): string {
  const words = content.replace(/^[ \t\r\n]+/, "");
  return !hasCalls || words === "" || words.endsWith("\n") ? words : `${words}\n`;
}
