import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReplyPart } from "../../../../../core/gateway/reply/part.ts";
import type { ChatMessage } from "../../../../../core/gateway/upstream/chat-request.ts";
import { brokenRules } from "../../chat-rules.ts";
import { callParts, createConversation } from "./conversation.ts";

const FILES = {
  "a.py": "def f():\n    return 1\n\n\ndef g():\n    return 2\n",
  "src/b.py": "import os\nROOT = '/home/me/my-project/src'\n",
};

/** JSON text as models write it: blanks here and there, characters escaped or not. */
const written = (value: fc.Arbitrary<object>): fc.Arbitrary<string> =>
  fc
    .tuple(value, fc.constantFrom<string | number>(0, 1, "\t"), fc.boolean(), fc.constantFrom("", " ", "\n"))
    .map(([object, indent, isEscaped, around]) => {
      const text = JSON.stringify(object, null, indent).replace(/":/g, '": ');
      const ascii = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
      return around + (isEscaped ? text.replace(/[\u007f-\uffff]/g, ascii) : text) + around;
    });

const path = fc.constantFrom(
  "/testbed/a.py",
  "/testbed/src/b.py",
  "/testbed/src",
  "/testbed",
  "/testbed/new.py",
  "/testbed/none.py",
  "a.py",
);
const words = fc.oneof(
  fc.constantFrom(
    "    return 1",
    "    return 2",
    "ROOT = '/testbed/src'",
    "import os",
    "naïve 😀 <think>",
    "x  \ny\t",
    "/home/me/my-project/a",
  ),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);
const call = fc.oneof(
  fc.tuple(
    fc.constant("bash"),
    written(fc.record({ command: fc.oneof(words, fc.constant("cd /testbed && ls src; python /testbed/a.py")) })),
  ),
  fc.tuple(fc.constant("str_replace_editor"), written(fc.record({ command: fc.constantFrom("view", "undo_edit"), path }))),
  fc.tuple(
    fc.constant("str_replace_editor"),
    written(fc.record({ path, new_str: words, command: fc.constant("str_replace"), old_str: words })),
  ),
  fc.tuple(
    fc.constant("str_replace_editor"),
    written(fc.record({ command: fc.constant("insert"), path, insert_line: fc.integer({ min: -1, max: 7 }), new_str: words })),
  ),
  fc.tuple(fc.constant("str_replace_editor"), written(fc.record({ command: fc.constant("create"), path, file_text: words }))),
  fc.tuple(fc.constantFrom("bash", "submit", "open_file"), written(fc.record({ wrong: words }))),
);
const submit = fc.constant(["submit", "{}"] as [string, string]);

interface Reply {
  readonly thought: string | null;
  readonly text: string;
  readonly calls: readonly (readonly [string, string])[];
  /** What a person says while the client works, and after it. */
  readonly steering: string | null;
  readonly next: string;
}

/** Replies of which something is left: of others the client knows nothing. */
const reply: fc.Arbitrary<Reply> = fc
  .record({
    thought: fc.option(words.filter((text) => text !== "")),
    text: fc.constantFrom("", "Let me look.", "Two\nlines.\n\n", "\n", "in /testbed/a.py  "),
    calls: fc.oneof({ weight: 6, arbitrary: fc.tuple(call) }, { weight: 1, arbitrary: fc.tuple(submit) }, fc.array(call, { maxLength: 3 })),
    steering: fc.option(fc.constantFrom("And be quick.", "Look at /home/me/my-project/a.py"), { freq: 3 }),
    next: fc.constantFrom("Go on.", "Now do the rest."),
  })
  .filter(({ thought, text, calls }) => thought !== null || text.trim() !== "" || calls.length > 0);

const OPEN = "<think>\n";
const CLOSE = "\n</think>\n\n";

function partsOf({ thought, text, calls }: Reply): ReplyPart[] {
  return [
    ...(thought === null
      ? []
      : ([
          { kind: "thinking", text: thought },
          { kind: "thought", frame: { place: "content", open: OPEN, close: CLOSE } },
        ] as const)),
    ...(text === "" ? [] : ([{ kind: "text", text }] as const)),
    ...calls.flatMap(([name, args]) => callParts(name, args)),
  ];
}

/** The sessions of a client of either generation, in which each reply's calls run to their end before the model is asked again. */
function runSession(generation: "new" | "old", replies: readonly Reply[]) {
  const session = createConversation({ generation, files: FILES, bash: () => ({ text: "done in /home/me/my-project", exitCode: 1 }) });
  session.ask();
  for (const each of replies) {
    session.betweenSteps = () => {
      if (each.steering !== null) session.say(each.steering);
    };
    const stop = session.reply(partsOf(each));
    if (stop !== "tool_use") session.say(each.next);
    session.ask();
  }
  return session;
}

describe.each(["new", "old"] as const)("a session with a client of the %s generation", (generation) => {
  const replies = fc.array(reply, { minLength: 1, maxLength: 6 });

  it("asks for a prompt that begins with all of the one before, and that vLLM takes", () => {
    fc.assert(
      fc.property(replies, (each) => {
        const { asked } = runSession(generation, each);
        for (const [index, chat] of asked.entries()) {
          expect(brokenRules(chat)).toEqual([]);
          const { messages: before = [] } = asked[index - 1] ?? {};
          expect(chat.messages.slice(0, before.length)).toEqual(before);
          expect({ ...chat, messages: [] }).toEqual({ ...asked[0], messages: [] });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("shows the model its own replies byte for byte", () => {
    fc.assert(
      fc.property(replies, (each) => {
        const { asked } = runSession(generation, each);
        const shown = asked.at(-1)!.messages.filter((message) => message.role === "assistant");
        const expected = each.map(original).filter((message) => message !== null);
        expect(shown.map(comparable)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it("is the same when it is read anew from the same messages", () => {
    fc.assert(
      fc.property(replies, (each) => {
        const session = runSession(generation, each);
        const again = session.plan();
        expect(again.kind === "ask" && again.chat).toEqual(session.asked.at(-1));
      }),
      { numRuns: 30 },
    );
  });
});

/**
 * What the model wrote, less white space behind which nothing came: there is nothing that it could be put back in front of. A submit
 * behind words is given up (ADR 11).
 */
function original({ thought, text, calls: made }: Reply) {
  const isGivenUp = text.trim() !== "" && made.every(([name, args]) => name === "submit" && args === "{}");
  const calls = isGivenUp ? [] : made;
  const escape = (each: string) => each.replaceAll("<think>", String.raw`<\think>`);
  const said = calls.length === 0 ? text.trimEnd() : text;
  if (said === "" && thought === null && calls.length === 0) return null;
  return {
    content: (thought === null ? "" : OPEN + escape(thought) + CLOSE) + said,
    calls: calls.map(([name, args]) => [name, args]),
  };
}

function comparable(message: Extract<ChatMessage, { role: "assistant" }>) {
  return { content: message.content, calls: (message.tool_calls ?? []).map((each) => [each.function.name, each.function.arguments]) };
}
