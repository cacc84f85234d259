// eslint-disable-next-line no-control-regex -- these are the ones to look for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text of a repository, a model or a server, made fit for a terminal: control characters but tab and line feed are written out. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
