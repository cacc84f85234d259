import type { ControlPlatform } from "../platform.ts";

export const LINKS_EXPIRE_MS = 15 * 60_000;

/** Null when there is no such artefact. */
export async function linkTo(platform: ControlPlatform, key: string, fileName: string): Promise<{ url: string; bytes: number } | null> {
  const facts = await platform.factsOf(key);
  if (facts === null) return null;
  return { url: await platform.links.download(key, { expiresMs: LINKS_EXPIRE_MS, fileName }), bytes: facts.bytes };
}
