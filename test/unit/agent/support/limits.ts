import type { RolloutLimits } from "../../../../core/agent/toolset.ts";

export const LIMITS: RolloutLimits = {
  toolset: "swe-agent",
  maxCalls: 20,
  commandSeconds: 10,
  totalCommandSeconds: 60,
  contextTokens: 32_768,
  attempts: 3,
  sandbox: "auto",
};
