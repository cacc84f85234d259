import { SeracError } from "../../../core/errors/index.ts";
import type { Item, Write } from "./operations.ts";

/** DynamoDB's limit is 400 KiB with the names; some attributes, such as the lease, come later. */
const MAX_ITEM_BYTES = 400_000;

/** SeracError("record_too_large") for what DynamoDB would refuse. */
export function assertFits({ key, set }: Pick<Write, "key" | "set">): void {
  const bytes = sizeOf(set ?? {});
  if (bytes <= MAX_ITEM_BYTES) return;
  throw new SeracError(
    "record_too_large",
    `A record of ${Math.ceil(bytes / 1000)} KB is more than the table takes (400 KB): ${key.partition} ${key.sort}`,
    { hint: "Some text in it, such as a pull request or an error, is far longer than expected." },
  );
}

/** As DynamoDB counts, roughly: names and values in UTF-8. */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + (typeof value === "string" ? Buffer.byteLength(value) : 20);
  }
  return bytes;
}
