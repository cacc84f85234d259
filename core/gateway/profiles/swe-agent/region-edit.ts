export interface RegionEdit {
  readonly oldText: string;
  readonly newText: string;
}

/**
 * The smallest run of whole lines whose replacement turns `before` into `after`, grown until it stands exactly once in `before`, as the
 * client's Edit wants it. Neither text is empty where that can be helped: the client takes an empty old text for a new file, and an empty
 * new one for leave to remove a line end more. Null when the two are the same, or `before` is empty.
 */
export function regionEdit(before: string, after: string): RegionEdit | null {
  if (before === after || before === "") return null;
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail++;

  for (let step = 1; ; step *= 2) {
    const region = {
      oldText: old.slice(head, old.length - tail).join("\n"),
      newText: fresh.slice(head, fresh.length - tail).join("\n"),
    };
    const isWhole = head === 0 && tail === 0;
    const isUsable = region.oldText !== "" && region.newText !== "" && standsOnce(before, region.oldText);
    if (isUsable || isWhole) return region;
    head = Math.max(0, head - step);
    tail = Math.max(0, tail - step);
  }
}

function standsOnce(text: string, part: string): boolean {
  const first = text.indexOf(part);
  return first !== -1 && text.indexOf(part, first + 1) === -1;
}
