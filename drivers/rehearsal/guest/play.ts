import type { Answer } from "../answer.ts";
import type { ChatMessage, ChatRequest } from "../conversation.ts";
import { createDraw } from "../draw.ts";
import { recipesIn } from "../edit/recipes.ts";
import type { GuestBelt } from "./belt.ts";
import { clientBelt, studentBelt } from "./belt.ts";
import { ownWords, readGuestRequest, REQUEST } from "./request.ts";
import type { GuestMove } from "./script.ts";
import { guestTurn } from "./script.ts";

const PIPELINE = /<(?:problem|issue|task|pr_description)>|There is a problem around the function/;

/** A turn that does not come to its end, for whatever the client did with its calls, is ended after so many replies. */
const MOST_REPLIES = 12;

/**
 * The tools of a conversation that a person leads through the gateway; null for the pipeline's own, and where there is no shell. The gateway
 * puts a person's request where the harness puts a pull request; the pipeline's own texts have a heading and symptoms of the menu.
 */
export function guestBelt({ messages, toolNames }: ChatRequest): GuestBelt | null {
  if (!toolNames.includes("str_replace_editor")) return toolNames.includes("Bash") ? clientBelt : null;
  const first = messages.findIndex(({ role }) => role === "assistant");
  const prompt = (first < 0 ? messages : messages.slice(0, first)).filter(({ role }) => role === "user");
  const text = prompt.map(({ content }) => content).join("\n\n");
  const described = REQUEST.exec(text)?.[1];
  const isPipeline = described === undefined ? PIPELINE.test(text) : described.startsWith("# ") || recipesIn(described).length > 0;
  return isPipeline ? null : studentBelt;
}

/** The next reply of a conversation without an end; depends on the seed and on the messages. */
export function playGuest(seed: string, belt: GuestBelt, messages: readonly ChatMessage[]): Answer {
  const turns = turnsOf(messages);
  const turn = turns.at(-1) ?? { asked: "", replies: [] };
  const path =
    turns
      .slice(0, -1)
      .flatMap(({ asked, replies }) => lastPath(replies) ?? readGuestRequest(asked).path ?? [])
      .at(-1) ?? null;
  const draw = createDraw(seed, "guest", turns[0]?.asked ?? "");
  const script = guestTurn(belt, readGuestRequest(turn.asked), { isFirst: turns.length < 2, path }, draw);
  let move: GuestMove = script.next().value;
  for (const { call, observation } of turn.replies) {
    if (call === null || call.name !== move.tool || !isSame(call.input, move.input)) continue;
    move = script.next(observation).value;
  }
  // The script comes to its last move whatever it is told.
  for (let step = 0; turn.replies.length >= MOST_REPLIES && !isLast(belt, move) && step < MOST_REPLIES; step += 1)
    move = script.next("").value;
  return {
    content: move.say,
    reasoning: move.think,
    style: "think",
    calls: move.tool === null ? [] : [{ name: move.tool, input: JSON.stringify(move.input) }],
  };
}

interface Turn {
  readonly asked: string;
  readonly replies: { readonly call: ChatMessage["calls"][number] | null; readonly observation: string }[];
}

/** A turn begins where a person says something: with the first user message behind a reply. */
function turnsOf(messages: readonly ChatMessage[]): readonly Turn[] {
  const turns: Turn[] = [];
  let asked: string[] = [];
  for (const [at, message] of messages.entries()) {
    if (message.role === "user") {
      const words = ownWords(message.content);
      if (words !== "") asked.push(words);
    } else if (message.role === "assistant") {
      if (asked.length > 0 || turns.length === 0) turns.push({ asked: asked.join("\n\n"), replies: [] });
      asked = [];
      const [call] = message.calls;
      const answer = messages[at + 1];
      turns.at(-1)?.replies.push({ call: call ?? null, observation: answer?.role === "tool" ? answer.content : "" });
    }
  }
  if (asked.length > 0) turns.push({ asked: asked.join("\n\n"), replies: [] });
  return turns;
}

/** The last path that a call of the turn names. */
function lastPath(replies: Turn["replies"]): string | null {
  const inputs = replies.map(({ call }) => call?.input ?? "");
  return (
    inputs
      .flatMap(
        (input) =>
          /"path":"\/testbed\/([^"\\]+)"|(?:>>|cat -n|tail -n 3) '([^'\\]+)'/
            .exec(input)
            ?.slice(1)
            .find((path) => path !== undefined) ?? [],
      )
      .at(-1) ?? null
  );
}

const isLast = (belt: GuestBelt, move: GuestMove): boolean => move.tool === (belt.submit?.tool ?? null);

function isSame(written: string, input: unknown): boolean {
  const text = JSON.stringify(input);
  if (written === text) return true;
  try {
    return JSON.stringify(JSON.parse(written)) === text;
  } catch {
    return false;
  }
}
