import { observation } from "../../observation.ts";
import type { Toolset } from "../../toolset.ts";
import { textArgument } from "../arguments.ts";
import { runBash } from "./bash.ts";
import { BASH, EDITOR, TOOLS } from "./definitions.ts";
import { runEditor } from "./editor/index.ts";
import { parse } from "./parse.ts";
import { instancePrompt, SYSTEM_PROMPT } from "./prompts.ts";
import { INITIAL_STATE, isEffect, reduce, type SweAgentState } from "./state.ts";
import { runSubmit } from "./submit.ts";

/** bash, str_replace_editor and submit, as SERA's released models know them (SWE-agent 1.1). */
export const sweAgent: Toolset<SweAgentState> = {
  name: "swe-agent",
  tools: TOOLS,
  systemPrompt: SYSTEM_PROMPT,
  instancePrompt,
  parse,
  initialState: INITIAL_STATE,

  async vet(calls, sandbox) {
    const [call] = calls;
    if (call?.name !== BASH.name) return null;
    const complaint = await sandbox.checkSyntax(textArgument(call.arguments, "command"));
    if (complaint === null) return null;
    return `The command is not valid bash, and nothing was run. bash says:\n${complaint.trim()}\nCorrect it and try again.`;
  },

  async execute(call, context) {
    if (call.name === BASH.name) return runBash(textArgument(call.arguments, "command"), context);
    if (call.name === EDITOR.name) {
      const { text, effect } = await runEditor(context.sandbox, context.state, call.arguments);
      return { content: observation(text), effect, changed: effect !== null, timedOut: false, executionMs: 0 };
    }
    return runSubmit(context.sandbox, context.state);
  },

  reduce: (state, effect) => (isEffect(effect) ? reduce(state, effect) : state),
  verdict: (state) => state.verdict,
};
