import type { Answer } from "../answer.ts";
import { reasoningStyle } from "../answer.ts";
import type { ChatMessage, ChatRequest } from "../conversation.ts";
import { createDraw, digest, fraction } from "../draw.ts";
import { recipesIn } from "../edit/recipes.ts";
import { languageOf } from "../source/language.ts";
import type { Action, Script } from "./action.ts";
import type { Belt } from "./belt.ts";
import { miniBelt, sweAgentBelt } from "./belt.ts";
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

/** The next turn of an agent: a function of the seed, the messages and the tools. */
export function playAgent(seed: string, request: ChatRequest, isEndless: (rolloutKey: string) => boolean): AgentTurn {
  const prompt = promptOf(request.messages);
  const task = taskIn(prompt);
  const rolloutKey = digest(seed, prompt);
  const draw = createDraw(rolloutKey, "script");
  const belt = request.toolNames.includes("str_replace_editor")
    ? sweAgentBelt
    : miniBelt(/^\s*(echo [A-Z][A-Z_]{7,})\s*$/m.exec(prompt)?.[1] ?? FINAL_COMMAND);
  const told = recipesIn(task);
  const purpose = told.length > 0 || /<pull_request>/.test(prompt) ? "second" : "first";
  const script = scriptFor(belt, task, purpose === "second" ? told : null, isEndless(rolloutKey), draw);
  const action = nextAction(script, request.messages, belt.toolset === "mini" ? "many" : "one");
  return { purpose, rolloutKey, answer: answerOf(action, rolloutKey) };
}

function scriptFor(
  belt: Belt,
  task: string,
  told: Parameters<typeof rollout>[0]["told"],
  isEndless: boolean,
  draw: ReturnType<typeof createDraw>,
): Script {
  const subject = subjectOf(task);
  const language = subject === null ? null : languageOf(subject.path);
  if (subject === null || language === null) return wander(belt, told, isEndless, draw);
  return rollout({ belt, place: { ...subject, language }, told, isEndless }, draw);
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
