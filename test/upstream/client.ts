import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { StreamEvent } from "./gateway.ts";
import { readEvents } from "./gateway.ts";

interface Block {
  type: string;
  [field: string]: unknown;
}

export interface ClientMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: string | Block[];
}

/** A coding client as far as the wire is concerned: what it sends, how it runs its tools, what it does to the history. */
export interface WireClient {
  /** Says something and works until the model ends its turn; returns the text that a person sees last. */
  say(text: string): Promise<string>;
  /** Bodies of all requests so far, as they were sent. */
  readonly sent: readonly string[];
  readonly messages: readonly ClientMessage[];
}

export interface WireClientOptions {
  readonly gatewayUrl: string;
  /** Where the tools work. */
  readonly folder: string;
  /** Most requests of one turn. */
  readonly mostRequests?: number;
  /** What stands in for the shell; the output is shown as it comes. */
  readonly bash?: Shell;
}

type Shell = (command: string, folder: string) => Promise<{ readonly code: number; readonly output: string }>;

const schema = (...names: readonly string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});

const TOOLS = [
  { name: "Bash", description: "Runs a command.", input_schema: schema("command", "timeout", "description") },
  { name: "Edit", description: "Edits a file.", input_schema: schema("file_path", "old_string", "new_string", "replace_all") },
  { name: "Read", description: "Reads a file.", input_schema: schema("file_path", "offset", "limit") },
  { name: "Write", description: "Writes a file.", input_schema: schema("file_path", "content") },
];

/**
 * The habits of Claude Code 2.1 (measured): a first system line that differs in every request, a system message among the others that is a
 * list once and a text from then on, results in the order in which calls end, `replace_all` added to its Edit calls, thoughts and ids
 * echoed as they came.
 */
export function createWireClient({ gatewayUrl, folder, mostRequests = 40, bash = trimmedBash }: WireClientOptions): WireClient {
  const messages: ClientMessage[] = [];
  const sent: string[] = [];
  const environment = `# Environment\n - Primary working directory: ${folder}\n - Platform: linux`;

  const request = async (): Promise<Block[]> => {
    const body = JSON.stringify({
      model: "student-32b",
      max_tokens: 4096,
      stream: true,
      system: [
        { type: "text", text: `x-anthropic-billing-header: cc_version=2.1.${sent.length};` },
        { type: "text", text: "You help with code.", cache_control: { type: "ephemeral" } },
      ],
      tools: TOOLS,
      thinking: { type: "adaptive" },
      metadata: { user_id: JSON.stringify({ session: sent.length }) },
      messages: messages.map((message, at) => {
        if (message.role !== "system") return message;
        return at === messages.length - 1 ? { ...message, content: [{ type: "text", text: message.content }] } : message;
      }),
    });
    sent.push(body);
    const response = await fetch(`${gatewayUrl}/v1/messages?beta=true`, {
      method: "POST",
      headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
      body,
    });
    if (response.status !== 200) throw new Error(`The gateway answered ${response.status}: ${await response.text()}`);
    const { events } = await readEvents(response);
    if (events.at(-1)?.type !== "message_stop") throw new Error(`The answer ends with ${JSON.stringify(events.at(-1))}.`);
    return blocksOf(events);
  };

  return {
    sent,
    messages,
    async say(text) {
      messages.push({ role: "user", content: [{ type: "text", text }] });
      if (messages.length === 1) messages.push({ role: "system", content: environment });
      for (let count = 0; count < mostRequests; count += 1) {
        const blocks = await request();
        const calls = blocks.filter(({ type }) => type === "tool_use");
        messages.push({ role: "assistant", content: blocks.map(asKept) });
        if (calls.length === 0) return blocks.map((block) => textOf(block["text"])).join("");
        const results = await Promise.all(calls.map((call) => resultOf(call, folder, bash)));
        messages.push({ role: "user", content: results.toReversed() });
      }
      throw new Error(`The model did not end its turn within ${mostRequests} requests.`);
    },
  };
}

function asKept(block: Block): Block {
  const input = block["input"];
  if (typeof input === "object" && input !== null && BROKEN in input) return { ...block, input: {} };
  if (block["name"] !== "Edit" || typeof input !== "object" || input === null) return block;
  return { ...block, input: { replace_all: false, ...input } };
}

function blocksOf(events: readonly StreamEvent[]): Block[] {
  const blocks: Block[] = [];
  let json = "";
  for (const event of events) {
    const block = blocks.at(-1);
    if (event.type === "content_block_start") {
      blocks.push({ ...(event["content_block"] as Block) });
      json = "";
    } else if (event.type === "content_block_delta" && block !== undefined) {
      const delta = event["delta"] as Block;
      if (delta.type === "input_json_delta") json += textOf(delta["partial_json"]);
      else {
        for (const field of ["text", "thinking", "signature"]) {
          if (field in delta) block[field] = textOf(block[field]) + textOf(delta[field]);
        }
      }
    } else if (event.type === "content_block_stop" && block?.type === "tool_use") Object.assign(block, inputOf(json));
  }
  return blocks;
}

/** Input that breaks off is kept as none, and the call is refused with the text. */
function inputOf(json: string): { readonly input: unknown } {
  try {
    return { input: JSON.parse(json === "" ? "{}" : json) };
  } catch {
    return { input: { [BROKEN]: json } };
  }
}

const BROKEN = "broken input";

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  Bash: ["command"],
  Edit: ["file_path", "old_string", "new_string"],
  Read: ["file_path"],
  Write: ["file_path", "content"],
};

async function resultOf(call: Block, folder: string, bash: Shell): Promise<Block> {
  const input = Object(call["input"]) as Readonly<Record<string, unknown>>;
  const path = textOf(input["file_path"]);
  const result = (content: string, isError = false): Block => ({
    tool_use_id: call["id"],
    type: "tool_result",
    content,
    ...(isError ? { is_error: true } : {}),
  });
  const refused = (text: string): Block => result(`<tool_use_error>${text}</tool_use_error>`, true);
  if (BROKEN in input) return refused(`InputValidationError: the input could not be parsed as JSON. You sent: ${textOf(input[BROKEN])}`);
  const needed = NEEDED[textOf(call["name"])]?.find((name) => !(name in input));
  if (needed !== undefined) return refused(`InputValidationError: the required parameter \`${needed}\` is missing.`);
  switch (call["name"]) {
    case "Bash": {
      const { code, output } = await bash(textOf(input["command"]), folder);
      return code === 0 ? result(output) : result(`Exit code ${code}\n${output}`, true);
    }
    case "Read": {
      if (!existsSync(path)) return refused("File does not exist.");
      if (statSync(path).isDirectory()) return result("EISDIR: illegal operation on a directory, read", true);
      const lines = readFileSync(path, "utf8").split("\n");
      const first = Number(input["offset"] ?? 1);
      const shown = lines.slice(first - 1, input["limit"] === undefined ? undefined : first - 1 + Number(input["limit"]));
      return result(shown.map((line, at) => `${first + at}\t${line}`).join("\n"));
    }
    case "Write": {
      const isNew = !existsSync(path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, textOf(input["content"]));
      return result(isNew ? `File created successfully at: ${path}` : `The file ${path} has been updated successfully.`);
    }
    case "Edit": {
      const [old, fresh] = [textOf(input["old_string"]), textOf(input["new_string"])];
      const text = existsSync(path) ? readFileSync(path, "utf8") : "";
      if (text.split(old).length !== 2) return refused(`String to replace not found in file.\nString: ${old}`);
      writeFileSync(
        path,
        text.replace(old, () => fresh),
      );
      return result(`The file ${path} has been updated successfully.`);
    }
    default:
      return refused(`No such tool available: ${textOf(call["name"])}`);
  }
}

const trimmedBash: Shell = async (command, folder) => {
  const { code, output } = await runBash(command, folder);
  return { code, output: output.trimEnd() };
};

export const runBash: Shell = (command, cwd) =>
  new Promise((resolve) => {
    const child = spawn("bash", ["-c", command], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
