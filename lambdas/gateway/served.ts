import type { ServedModelSettings } from "../../core/config/cloud/gateway.ts";
import type { ServedModel } from "../../core/gateway/served-model.ts";

/** A model of the stack's settings as the gateway knows it. */
export function servedModelOf(settings: ServedModelSettings): ServedModel {
  const { name, profile, contextTokens, maxOutputTokens, temperature, topP, topK, canSeeImages, thinking } = settings;
  return {
    name,
    upstreamName: settings.upstreamName ?? name,
    profile,
    contextTokens: contextTokens ?? null,
    maxOutputTokens: maxOutputTokens ?? null,
    sampling: { temperature: temperature ?? null, topP: topP ?? null, topK: topK ?? null },
    canSeeImages,
    thinking,
    // Models that were not trained by serac have never seen an escape.
    escapesReserved: profile === "swe-agent",
    readsCallsInText: true,
  };
}
