import { describe, expect, it } from "vitest";
import { callParts, createConversation, MODEL } from "./conversation.ts";

const FILES = { "a.py": "x = 1\n" };
const VIEW = { command: "view", path: "/testbed/a.py" };
const REPLACE = { command: "str_replace", path: "/testbed/a.py", old_str: "x = 1", new_str: "x = 2" };
const edit = (args: object) => callParts("str_replace_editor", JSON.stringify(args));

function conversation() {
  const session = createConversation({ files: FILES });
  session.ask();
  return session;
}

/** The result that the client sent last. */
function lastResult(session: ReturnType<typeof conversation>): { content: string; is_error: boolean } {
  return (session.messages.at(-1)!.content as { content: string; is_error: boolean }[])[0]!;
}

describe("a person", () => {
  it("who refuses a call ends its program, and the model reads why", () => {
    const session = conversation();
    session.reply(edit(REPLACE));
    Object.assign(lastResult(session), {
      content: "The user doesn't want to proceed with this tool use. The tool use was rejected. Look into /home/me/my-project/b.py first.",
      is_error: true,
    });
    const messages = session.ask();
    expect(session.clientCalls).toEqual(["Read"]);
    expect(messages.at(-1)!.content).toBe(
      "OBSERVATION:\nThe user doesn't want to proceed with this tool use. The tool use was rejected. Look into /testbed/b.py first.",
    );
  });

  it("who says something while the client works is heard behind the observation", () => {
    const session = conversation();
    session.betweenSteps = () => session.say("Hurry, see /home/me/my-project/a.py.");
    session.reply(edit(REPLACE));
    const messages = session.ask();
    expect(messages.slice(-3).map(({ role }) => role)).toEqual(["assistant", "tool", "user"]);
    expect(messages.at(-2)!.content).toContain("has been edited");
    expect(messages.at(-1)!.content).toBe("Hurry, see /testbed/a.py.");
  });

  it("who breaks off a program gets the next answer from the model, not its next step", () => {
    const session = conversation();
    session.reply(edit(REPLACE));
    session.say("[Request interrupted by user]");
    session.say("Leave it as it is.");
    const messages = session.ask();
    expect(session.clientCalls).toEqual(["Read"]);
    expect(messages.at(-2)!.content).toBe("OBSERVATION:\nThe call was broken off before its end.");
    expect(messages.at(-1)!.content).toBe("[Request interrupted by user]\n\nLeave it as it is.");
  });

  it("is not what the client's own reminders say", () => {
    const session = conversation();
    session.reply(edit(VIEW));
    session.messages.at(-1)!.content = [
      ...(session.messages.at(-1)!.content as object[]),
      { type: "text", text: "<system-reminder>\nUse TodoWrite.\n</system-reminder>" },
    ];
    session.messages.push({ role: "system", content: "Deferred tools: many" });
    const messages = session.ask();
    expect(messages.at(-1)!.role).toBe("tool");
    expect(JSON.stringify(messages)).not.toMatch(/TodoWrite|Deferred/);
  });

  it("who sends an image shows it to models that see", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const session = conversation();
    session.messages[0]!.content = [{ type: "text", text: "See:" }, image];
    expect(session.ask()[1]!.content).toMatch(/See:[^]*\(An image was attached here, image\/png; this model cannot see it\.\)$/);
    const seeing = createConversation({ model: { ...MODEL, canSeeImages: true } });
    seeing.messages[0]!.content = [{ type: "text", text: "See:" }, image];
    expect(seeing.ask()[1]!.content).toMatchObject([
      { type: "text" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    ]);
  });
});

describe("the summary of a conversation", () => {
  const INSTRUCTION = "Your task is to create a detailed summary of the conversation. Put it into <summary> tags.";

  it("is asked for with the same prompt and tools, none of which may be called", () => {
    const session = conversation();
    session.reply([{ kind: "text", text: "First." }, ...edit(VIEW)]);
    const before = session.ask();
    session.messages.push({ role: "user", content: INSTRUCTION });
    const plan = session.plan();
    if (plan.kind !== "ask") throw new Error("The model was not asked.");
    expect(plan.chat.messages).toEqual([...before, { role: "user", content: INSTRUCTION }]);
    expect(plan.chat.tools).toEqual(session.asked[0]!.tools);
    expect(plan.chat.tool_choice).toBe("none");
    expect(plan.expectsCalls).toBe(false);
  });

  it("does not wait for a program that is under way", () => {
    const session = conversation();
    session.reply(edit(REPLACE));
    session.messages.push({ role: "user", content: INSTRUCTION });
    const plan = session.plan();
    expect(plan.kind === "ask" && plan.chat.messages.at(-2)!.content).toContain("broken off");
  });

  it("knows the paths also where the client does not say where it works, and has no tools", () => {
    const session = conversation();
    session.reply(edit(VIEW));
    const before = session.ask();
    session.messages.push({ role: "user", content: INSTRUCTION });
    const plan = session.plan({ system: "You sum up conversations.", tools: [] });
    expect(plan.kind === "ask" && plan.chat.messages.slice(0, -1)).toEqual(before);
    expect(plan.kind === "ask" && plan.chat.tool_choice).toBe("none");
  });

  it("begins the next conversation as its task", () => {
    const session = createConversation({ task: "This session is being continued from a previous conversation. Summary: x" });
    expect(session.ask()[1]!.content).toContain("<pull_request>\nThis session is being continued");
  });
});
