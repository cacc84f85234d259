const PAIRS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** Index of the bracket that closes the one at `open` in masked text, or -1. */
export function closingOf(mask: string, open: number): number {
  const opening = mask[open] ?? "";
  const closing = PAIRS[opening];
  if (closing === undefined) return -1;
  let depth = 0;
  for (let index = open; index < mask.length; index += 1) {
    if (mask[index] === opening) depth += 1;
    // The arrow of a function type closes no angle bracket.
    else if (mask[index] === closing && !(closing === ">" && mask[index - 1] === "=") && (depth -= 1) === 0) return index;
  }
  return -1;
}

/** Parts between the commas that lie in no bracket, as ranges of the masked text. */
export function splitAtCommas(mask: string, from: number, to: number): readonly (readonly [number, number])[] {
  const parts: (readonly [number, number])[] = [];
  let depth = 0;
  let start = from;
  for (let index = from; index < to; index += 1) {
    const character = mask[index] ?? "";
    if ("([{".includes(character)) depth += 1;
    else if (")]}".includes(character)) depth -= 1;
    else if (character === "," && depth === 0) {
      parts.push([start, index]);
      start = index + 1;
    }
  }
  if (mask.slice(start, to).trim() !== "") parts.push([start, to]);
  return parts;
}

export function isBalanced(mask: string): boolean {
  const open: string[] = [];
  for (const character of mask) {
    if ("([{".includes(character)) open.push(PAIRS[character] ?? "");
    else if (")]}".includes(character) && open.pop() !== character) return false;
  }
  return open.length === 0;
}
