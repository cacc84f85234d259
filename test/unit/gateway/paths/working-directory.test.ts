import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../../../../core/gateway/client/request.ts";
import { workingDirectory } from "../../../../core/gateway/paths/working-directory.ts";

const BASE: MessagesRequest = {
  model: "m",
  system: [],
  messages: [],
  tools: [],
  toolChoice: null,
  maxTokens: null,
  isStream: true,
  temperature: null,
  topP: null,
  topK: null,
  stopSequences: [],
  outputSchema: null,
};
const message = (role: "user" | "assistant" | "system", ...texts: string[]) => ({
  role,
  content: texts.map((text) => ({ type: "text" as const, text })),
});
const NEW = (path: string) => message("system", `# Environment\n - Primary working directory: ${path}\n - Platform: linux\n`);

describe("the client's working directory", () => {
  it.each(["/srv/x", "/Users/ann/My Project", "/srv/größe/日本", "/a:b"])("is read from the prompts of every generation: %s", (path) => {
    expect(workingDirectory({ ...BASE, system: ["You code.", `<env>\nWorking directory: ${path}\nPlatform: linux\n</env>`] })).toBe(path);
    expect(workingDirectory({ ...BASE, messages: [message("user", "Hello"), NEW(path)] })).toBe(path);
    expect(workingDirectory({ ...BASE, messages: [message("user", `<system-reminder>\n - Primary working directory: ${path}\r\n`)] })).toBe(
      path,
    );
  });

  it("stays the first one, also behind the summary of a compacted conversation", () => {
    const messages = [message("user", "Summary"), message("assistant", "Yes"), message("user", "On"), NEW("/one"), NEW("/two")];
    expect(workingDirectory({ ...BASE, messages })).toBe("/one");
  });

  it("is never taken from what people, models and files say", () => {
    const messages = [
      message("user", "Working directory: /mine", "See:\n<system-reminder>\nWorking directory: /mine"),
      message("assistant", "Working directory: /mine"),
      {
        role: "user" as const,
        content: [
          {
            type: "tool_result" as const,
            toolUseId: "1",
            isError: false,
            content: [{ type: "text" as const, text: "Working directory: /mine" }],
          },
        ],
      },
    ];
    expect(workingDirectory({ ...BASE, messages })).toBeNull();
    expect(workingDirectory({ ...BASE, system: ["Keep your working directory: /mine", "Working directory: relative"] })).toBeNull();
  });
});
