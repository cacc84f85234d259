import * as z from "zod";

/** EventBridge's "Object Created" of S3, as far as it is used here. The key is as it is, not encoded for a URL. */
export interface ObjectCreated {
  readonly detail: { readonly object: { readonly key: string } };
}

export type Dropped =
  | { readonly kind: "drop"; readonly name: string }
  /** In no folder of its own. */
  | { readonly kind: "stray"; readonly key: string };

/** Written by serac itself. */
const REPORT = "result.json";
const SETTINGS = "serac.yaml";

/** Where an object below `prefix` belongs to; null for what is no part of a drop and nobody's mistake. */
export function droppedIn(event: ObjectCreated, prefix: string): Dropped | null {
  const { key } = event.detail.object;
  if (!key.startsWith(prefix)) return null;
  const parts = key.slice(prefix.length).split("/");
  const [name = "", file = "", deeper] = parts;
  if (parts.length === 1) return name === "" || name === REPORT ? null : { kind: "stray", key };
  if (name === "" || file === "" || (file === REPORT && deeper === undefined)) return null;
  // An unpacked repository has many folders; one that was meant for a drop of its own is told where to go.
  const isMistaken = parts.length === 3 && deeper === SETTINGS;
  return parts.length === 2 || isMistaken ? { kind: "drop", name } : null;
}

/** The event in what Lambda writes of an invocation that failed for good; null for what Lambda did not write. */
export function failedEvent(body: string): ObjectCreated | null {
  try {
    const { requestPayload } = failed.parse(JSON.parse(body));
    return requestPayload;
  } catch {
    return null;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const failed = z.object({ requestPayload: z.object({ detail: z.object({ object: z.object({ key: z.string() }) }) }) });
