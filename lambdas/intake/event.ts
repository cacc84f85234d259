/** EventBridge's "Object Created" of S3, as far as it is used here. The key is as it is, not encoded for a URL. */
export interface ObjectCreated {
  readonly detail: { readonly object: { readonly key: string } };
}

/** Written by serac itself. */
const REPORT = "result.json";

/** The drop that an object belongs to; null for what is no part of one. */
export function droppedName(event: ObjectCreated, prefix: string): string | null {
  const { key } = event.detail.object;
  if (!key.startsWith(prefix)) return null;
  const [name = "", file = "", ...deeper] = key.slice(prefix.length).split("/");
  return name === "" || file === "" || file === REPORT || deeper.length > 0 ? null : name;
}
