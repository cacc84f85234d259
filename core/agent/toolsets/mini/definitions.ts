import type { ToolDefinition } from "../../messages.ts";

export const BASH: ToolDefinition = {
  name: "bash",
  description: "Runs a command in a new bash shell at the top folder of the repository.",
  parameters: {
    type: "object",
    properties: { command: { type: "string", description: "The command to run." } },
    required: ["command"],
  },
};

/** Ends the rollout when it is all of a command: mini-swe-agent's own final command. What other commands print never does. */
export const FINAL_COMMAND = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";

/** A reply with more calls than this is a loop, not a plan. */
export const MAX_CALLS_A_REPLY = 16;
