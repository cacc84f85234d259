import type { ServedModel } from "../../core/gateway/served-model.ts";

/** A model that says nothing special of itself, but for what a test says of it. */
export const servedModel = (more: Partial<ServedModel> = {}): ServedModel => ({
  name: "student",
  upstreamName: "student",
  profile: "native",
  contextTokens: 32_768,
  maxOutputTokens: null,
  sampling: { temperature: null, topP: null, topK: null },
  canSeeImages: false,
  thinking: "leading-tag",
  escapesReserved: true,
  readsCallsInText: true,
  ...more,
});
