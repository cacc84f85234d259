import type { Endpoint } from "./endpoint.ts";
import type { UpstreamTarget } from "./upstream/upstream.ts";

/** A server that somebody else keeps running. */
export function readyEndpoint(target: UpstreamTarget): Endpoint {
  const state = { state: "ready", target } as const;
  return { state: () => Promise.resolve(state), wake: () => Promise.resolve() };
}
