import type { Answer } from "../answer.ts";
import { reasoningStyle } from "../answer.ts";
import type { ChatMessage, ChatRequest } from "../conversation.ts";
import { createDraw, digest, fraction } from "../draw.ts";
import type { RecipeName } from "../edit/recipes.ts";
import { recipesIn } from "../edit/recipes.ts";
import { languageOf } from "../source/language.ts";
import type { Action } from "./action.ts";
import { miniBelt, sweAgentBelt } from "./belt.ts";
import type { Place } from "./locate.ts";
import { nextAction } from "./replay.ts";
import { rollout } from "./script.ts";
import { subjectOf } from "./subject.ts";
import { wander } from "./wander.ts";

export interface AgentTurn {
  readonly answer: Answer;
  readonly purpose: "first" | "second";
  /** The same for every turn of one rollout. */
  readonly rolloutKey: string;
}

/** mini-swe-agent's, for prompts that name none. */
const FINAL_COMMAND = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";

/** What a prompt says, worked out once: every turn of a rollout comes with the same prompt. */
interface Understanding {
  readonly rolloutKey: string;
  readonly purpose: "first" | "second";
  readonly told: readonly RecipeName[];
  readonly place: Place | null;
  readonly finalCommand: string;
}

const UNDERSTOOD_PROMPTS = 512;

/** Plays the agent of a seed. What it remembers of prompts saves time and changes nothing. */
export function createAgent(seed: string): (request: ChatRequest, isEndless: (rolloutKey: string) => boolean) => AgentTurn {
  const understood = new Map<string, Understanding>();

  const understand = (prompt: string): Understanding => {
    const known = understood.get(prompt);
    if (known !== undefined) return known;
    const fresh = readPrompt(seed, prompt);
    if (understood.size >= UNDERSTOOD_PROMPTS) understood.delete(understood.keys().next().value ?? "");
    understood.set(prompt, fresh);
    return fresh;
  };

  return (request, isEndless) => {
    const { rolloutKey, purpose, told, place, finalCommand } = understand(promptOf(request.messages));
    const belt = request.toolNames.includes("str_replace_editor") ? sweAgentBelt : miniBelt(finalCommand);
    const draw = createDraw(rolloutKey, "script");
    const role = { belt, told: purpose === "second" ? told : null, isEndless: isEndless(rolloutKey) };
    const script = place === null ? wander(role, draw) : rollout({ ...role, place }, draw);
    const action = nextAction(script, request.messages, belt.toolset === "mini" ? "many" : "one");
    return { purpose, rolloutKey, answer: answerOf(action, rolloutKey) };
  };
}

function readPrompt(seed: string, prompt: string): Understanding {
  const task = taskIn(prompt);
  const told = recipesIn(task);
  const subject = subjectOf(task);
  const language = subject === null ? null : languageOf(subject.path);
  return {
    rolloutKey: digest(seed, prompt),
    purpose: told.length > 0 || prompt.includes("<pull_request>") ? "second" : "first",
    told,
    place: subject === null || language === null ? null : { ...subject, language },
    finalCommand: /^\s*(echo [A-Z][A-Z_]{7,})\s*$/m.exec(prompt)?.[1] ?? FINAL_COMMAND,
  };
}

function answerOf(action: Action, rolloutKey: string): Answer {
  const style = reasoningStyle(fraction(rolloutKey, "reasoning"));
  return {
    content: action.say,
    reasoning: style === "none" ? "" : action.think,
    style,
    calls: [{ name: action.tool, input: JSON.stringify(action.input) }],
  };
}

/** Everything before the first reply. */
function promptOf(messages: readonly ChatMessage[]): string {
  const first = messages.findIndex((message) => message.role === "assistant");
  return (first < 0 ? messages : messages.slice(0, first)).map((message) => message.content).join("\n\n");
}

/** The part of a prompt that says what is wrong, where it can be told apart from the instructions around it. */
function taskIn(prompt: string): string {
  const tagged = /<(pull_request|pr_description|problem|issue|task)>([\s\S]*?)<\/\1>/.exec(prompt);
  if (tagged?.[2] === undefined) return prompt;
  const inside = tagged[2];
  // A vague complaint may leave it to the sentence before it to name the function.
  return subjectOf(inside) === null || tagged[1] === "problem" ? prompt : inside;
}
