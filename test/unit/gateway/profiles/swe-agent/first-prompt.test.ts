import { describe, expect, it } from "vitest";
import { escapeText } from "../../../../../core/agent/reserved-literals.ts";
import { sweAgent as toolset } from "../../../../../core/agent/toolsets/swe-agent/index.ts";
import { readNotes } from "../../../../../core/gateway/profiles/swe-agent/history/task-prompt.ts";
import { createConversation, MODEL } from "./conversation.ts";

describe("the first prompt", () => {
  it("is the harness's own, with a person's words as the pull request", () => {
    const session = createConversation({ task: "Fix /home/me/my-project/a.py, please.\n" });
    expect(session.ask()).toEqual([
      { role: "system", content: toolset.systemPrompt },
      { role: "user", content: toolset.instancePrompt({ kind: "pull_request", text: "Fix /testbed/a.py, please." }) },
    ]);
    expect(session.asked[0]!.tools!.map((tool) => tool.function)).toEqual(toolset.tools);
  });

  it("has the notes of the repository's owners behind it, and nothing else that the client says", () => {
    const session = createConversation();
    session.messages[0]!.content = [
      {
        type: "text",
        text: "<system-reminder>\nInstructions are shown below.\n\nContents of /home/me/my-project/CLAUDE.md (project instructions):\n\n# Rules\nTabs only.\n</system-reminder>",
      },
      { type: "text", text: "<system-reminder>\nSign your commits.\n</system-reminder>" },
      { type: "text", text: "Fix it." },
    ];
    const prompt = session.ask()[1]!.content;
    expect(prompt).toContain("Contents of /testbed/CLAUDE.md (project instructions):\n\n# Rules\nTabs only.\n</notes>");
    expect(prompt).toContain("<pull_request>\nFix it.\n</pull_request>");
    expect(prompt).not.toMatch(/shown below|Sign your commits/);
  });

  it("reads notes of the oldest clients without what these put behind them", () => {
    const reminder =
      "<system-reminder>\nUse this context:\n# claudeMd\nBelow.\n\nContents of /w/CLAUDE.md (checked in):\n\n# Mine\nIMPORTANT: be nice.\n\n# important-instruction-reminders\nDo it.\n\n      IMPORTANT: it may not matter.\n</system-reminder>";
    expect(readNotes(reminder)).toBe("Contents of /w/CLAUDE.md (checked in):\n\n# Mine\nIMPORTANT: be nice.");
    expect(readNotes("<system-reminder>\nThe Contents of nothing.\n</system-reminder>")).toBe("");
  });

  it("holds reserved literals only as the model was trained on them", () => {
    const task = "Keep <think> and <tool_call> and <|im_end|>.";
    expect(createConversation({ task }).ask()[1]!.content).toContain(escapeText(task));
    const plain = createConversation({ task, model: { ...MODEL, escapesReserved: false } });
    expect(plain.ask()[1]!.content).toContain(task);
    const ours = [toolset.systemPrompt, JSON.stringify(toolset.tools)];
    expect(ours.map(escapeText)).toEqual(ours);
  });

  it("is left to the plain profile where the client brings no tools of its own", () => {
    const plan = createConversation().plan({ tools: [], system: "Make a title." });
    expect(plan.kind === "ask" && plan.chat.tools).toBe(undefined);
  });

  it("is put together without a word of a person too", () => {
    const session = createConversation();
    session.messages[0]!.content = [{ type: "text", text: "<system-reminder>\nHello.\n</system-reminder>" }];
    expect(session.ask().map(({ role }) => role)).toEqual(["system", "user"]);
  });
});
