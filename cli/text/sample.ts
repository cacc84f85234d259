import type { JournalEntry } from "../../core/agent/journal.ts";
import type { Message, ToolCall } from "../../core/agent/messages.ts";
import type { Step } from "../../core/agent/trajectory.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import { usd } from "../format/money.ts";
import { printable } from "../format/printable.ts";
import type { ShownRollout } from "../samples.ts";

export interface SampleTextOptions {
  /** Do not shorten long observations. */
  readonly full: boolean;
  readonly color: boolean;
}

const SHOWN_LINES = 30;

/** One sample from its prompt to its score, as plain text. What agents and repositories wrote cannot steer the terminal. */
export function sampleText(sample: SampleRecord, rollouts: readonly ShownRollout[], options: SampleTextOptions): string {
  const paint = painter(options.color);
  const parts = [headText(sample, paint)];
  for (const rollout of rollouts) {
    if (rollout.which === "second" && sample.pullRequest !== null) {
      parts.push(`${paint.title("== pull request text")}\n${indent(clean(sample.pullRequest))}\n`);
    }
    parts.push(rolloutText(rollout, options, paint));
  }
  parts.push(scoreText(sample, paint));
  return parts.join("\n");
}

function headText(sample: SampleRecord, paint: Painter): string {
  const { function: fn } = sample;
  const reason = sample.reason === null ? "" : ` (${sample.reason})`;
  const rows = [
    ["function", `${fn.id}  lines ${fn.startLine}-${fn.endLine}, ${fn.language}`],
    ["kind", sample.kinds[Math.max(0, sample.attempts - 1)] ?? sample.kinds[0] ?? ""],
    ["state", `${sample.state}${reason}`],
    ...(sample.detail === null ? [] : [["", sample.detail]]),
    ["attempts", String(sample.attempts)],
    ["cost", usd(sample.costMicroUsd)],
  ];
  return `${paint.title(sample.id)}\n${rows.map(([label, value]) => `  ${label!.padEnd(10)}${clean(value!)}\n`).join("")}`;
}

function rolloutText({ which, rolloutId, trajectory, journal, replies }: ShownRollout, options: SampleTextOptions, paint: Painter): string {
  const title = paint.title(`== ${which} rollout  ${rolloutId}`);
  if (trajectory === null) return `${title}\n${unfinishedText(replies ?? repliesIn(journal ?? []))}\n`;
  const { steps, patch, exitStatus, detail, prompt } = trajectory;
  return [
    `${title}  ${exitStatus}, ${steps.length} steps, ${usd(trajectory.costMicroUsd)}`,
    ...(detail === null ? [] : [indent(clean(detail))]),
    ...prompt.map((message) => promptText(message, paint)),
    ...steps.map((step, index) => stepText(step, index, options, paint)),
    paint.title(`-- patch of the ${which} rollout`),
    patch === "" ? "  (empty)" : patchText(patch, paint),
    "",
  ].join("\n");
}

const repliesIn = (entries: readonly JournalEntry[]): number => entries.filter((entry) => entry.type === "reply").length;
const unfinishedText = (replies: number): string => `  not ended yet: ${replies} teacher replies in the journal`;

const promptText = (message: Message, paint: Painter): string => `${paint.dim(`[${message.role}]`)}\n${indent(clean(message.content))}`;

function stepText(step: Step, index: number, { full }: SampleTextOptions, paint: Painter): string {
  const { reply } = step;
  const lines = [paint.title(`[step ${index + 1}]`)];
  if (reply.reasoning !== null && reply.reasoning.trim() !== "") lines.push(paint.dim(indent(clean(reply.reasoning.trim()))));
  if (reply.content.trim() !== "") lines.push(indent(clean(reply.content.trim())));
  for (const call of reply.toolCalls) lines.push(indent(paint.call(clean(callText(call)))));
  if (step.requery !== null) lines.push(indent(`refused: ${clean(step.requery)}`));
  for (const { content } of step.observations) lines.push(indent(clean(full ? content : shortened(content)), "  | "));
  return lines.join("\n");
}

/** A command as it was typed, not as JSON. */
function callText({ name, arguments: text }: ToolCall): string {
  try {
    const given: unknown = JSON.parse(text);
    if (typeof given !== "object" || given === null) return `${name} ${text}`;
    const entries: [string, unknown][] = Object.entries(given);
    if (entries.length === 1 && typeof entries[0]![1] === "string") return `${name}: ${entries[0]![1]}`;
    return [name, ...entries.map(([key, value]) => `  ${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)].join("\n");
  } catch {
    return `${name} ${text}`;
  }
}

function shortened(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= SHOWN_LINES) return text;
  const head = lines.slice(0, SHOWN_LINES - 5);
  const tail = lines.slice(-4);
  return [...head, `… ${lines.length - head.length - tail.length} lines (--full shows them)`, ...tail].join("\n");
}

function scoreText({ score }: SampleRecord, paint: Painter): string {
  const title = paint.title("== score");
  if (score === null) return `${title}\n  not scored\n`;
  const { recall, precision, matched, targetLines, candidateLines, recallSera } = score;
  const share = (value: number | null): string => (value === null ? "none" : value.toFixed(3));
  return `${title}\n  recall ${share(recall)}, precision ${share(precision)}: ${matched} of ${targetLines} lines repeated, ${candidateLines} changed (recall by SERA's rule ${share(recallSera)})\n`;
}

function patchText(patch: string, paint: Painter): string {
  const line = (text: string): string => {
    if (text.startsWith("+") && !text.startsWith("+++")) return paint.added(text);
    if (text.startsWith("-") && !text.startsWith("---")) return paint.removed(text);
    return text;
  };
  return clean(patch.trimEnd())
    .split("\n")
    .map((text) => `  ${line(text)}`)
    .join("\n");
}

const indent = (text: string, by = "  "): string => text.replaceAll(/^/gm, by);

const clean = (text: string): string => printable(text.replaceAll("\r\n", "\n"));

interface Painter {
  title(text: string): string;
  dim(text: string): string;
  call(text: string): string;
  added(text: string): string;
  removed(text: string): string;
}

function painter(color: boolean): Painter {
  const paint =
    (open: number, close: number) =>
    (text: string): string =>
      color
        ? text
            .split("\n")
            .map((line) => `\u001B[${open}m${line}\u001B[${close}m`)
            .join("\n")
        : text;
  return { title: paint(1, 22), dim: paint(2, 22), call: paint(36, 39), added: paint(32, 39), removed: paint(31, 39) };
}
