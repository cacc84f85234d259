/** git's base85 (the alphabet of RFC 1924) and its lines: a length character, then five characters for four bytes. Source: git's base85.c. */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(ALPHABET).map((character, value) => [character, value]));
const LINE_BYTES = 52;

export function encodeLines(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += LINE_BYTES) {
    const line = bytes.subarray(start, start + LINE_BYTES);
    text += lengthCharacter(line.length);
    for (let at = 0; at < line.length; at += 4) {
      let word = 0;
      for (let i = 0; i < 4; i++) word = word * 256 + (line[at + i] ?? 0);
      let group = "";
      for (let i = 0; i < 5; i++) {
        group = ALPHABET.charAt(word % 85) + group;
        word = Math.floor(word / 85);
      }
      text += group;
    }
    text += "\n";
  }
  return text;
}

export function decodeLines(lines: readonly string[]): Uint8Array {
  const parts = lines.map((line) => {
    const bytes = new Uint8Array(Math.ceil((line.length - 1) / 5) * 4);
    for (let at = 1, out = 0; at < line.length; at += 5, out += 4) {
      let word = 0;
      for (const character of line.slice(at, at + 5)) word = word * 85 + (VALUES.get(character) ?? 0);
      new DataView(bytes.buffer).setUint32(out, word >>> 0);
    }
    return bytes.subarray(0, lineLength(line));
  });
  return Buffer.concat(parts);
}

const lengthCharacter = (length: number): string => String.fromCharCode(length <= 26 ? 64 + length : 70 + length);

function lineLength(line: string): number {
  const code = line.charCodeAt(0);
  return code <= 90 ? code - 64 : code - 70;
}
