/**
 * The request that every server gets: 54 kB as a Messages API client sends it in the midst of a session, with 12 tools and four turns.
 * The texts are made up and say nothing; sizes are those of Claude Code 2.1: 32 kB of tools, 7 kB of system prompt, the rest messages.
 */
export function messagesRequest(): string {
  const tools = TOOLS.map(([name, parameters]) => ({
    name,
    description: prose(name.length * 7, 2_050),
    input_schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: Object.fromEntries(
        parameters.map((parameter, place) => [parameter, { type: "string", description: prose(place + name.length, 130) }]),
      ),
      required: parameters.slice(0, 1),
      additionalProperties: false,
    },
  }));
  const request = {
    model: "student",
    max_tokens: 4_096,
    stream: true,
    system: [
      { type: "text", text: "You are a coding agent." },
      { type: "text", text: `${prose(3, 6_900)}\n\nWorking directory: ${DIRECTORY}\n`, cache_control: { type: "ephemeral" } },
    ],
    tools,
    messages: [
      { role: "user", content: [{ type: "text", text: prose(11, 2_400) }] },
      ...TURNS.flatMap(([name, input], turn) => {
        const id = `toolu_${String(turn).padStart(24, "0")}`;
        return [
          {
            role: "assistant",
            content: [
              { type: "text", text: prose(turn + 20, 150) },
              { type: "tool_use", id, name, input },
            ],
          },
          { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: listing(turn, 2_300) }] },
        ];
      }),
    ],
    metadata: { user_id: "bench" },
    thinking: { type: "enabled", budget_tokens: 2_048 },
  };
  return JSON.stringify(request);
}

const DIRECTORY = "/home/dev/parcels";

const TOOLS: readonly (readonly [name: string, parameters: readonly string[]])[] = [
  ["Bash", ["command", "description", "timeout", "run_in_background"]],
  ["Read", ["file_path", "offset", "limit"]],
  ["Edit", ["file_path", "old_string", "new_string", "replace_all"]],
  ["Write", ["file_path", "content"]],
  ["Glob", ["pattern", "path"]],
  ["Grep", ["pattern", "path", "glob", "output_mode"]],
  ["Task", ["description", "prompt", "subagent_type"]],
  ["TodoWrite", ["todos"]],
  ["WebFetch", ["url", "prompt"]],
  ["WebSearch", ["query", "allowed_domains", "blocked_domains"]],
  ["NotebookEdit", ["notebook_path", "cell_id", "new_source"]],
  ["Skill", ["skill", "args"]],
];

const TURNS: readonly (readonly [name: string, input: Readonly<Record<string, string>>])[] = [
  ["Bash", { command: `ls -la ${DIRECTORY} && git -C ${DIRECTORY} log --oneline | head`, description: "Look around" }],
  ["Read", { file_path: `${DIRECTORY}/parcels/rates.py` }],
  ["Bash", { command: `cd ${DIRECTORY} && python -m pytest -q tests/test_rates.py 2>&1 | tail -30` }],
  ["Read", { file_path: `${DIRECTORY}/tests/test_rates.py` }],
];

const WORDS =
  "parcel weight zone depot rate table when before after every must never check file line value order price total round shelf label of the a and to in with for is by".split(
    " ",
  );

/** Sentences without a meaning, the same in every run. */
function prose(seed: number, length: number): string {
  let state = seed + 1;
  let text = "";
  for (let word = 0; text.length < length; word++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += WORDS[(state >> 8) % WORDS.length]! + (word % 12 === 11 ? ".\n" : " ");
  }
  return text.slice(0, length);
}

/** Lines as a tool shows them: numbers, tabs, paths and quotes, which JSON has to escape. */
function listing(seed: number, length: number): string {
  let text = "";
  for (let line = 1; text.length < length; line++)
    text += `${line}\t    "${DIRECTORY}/${prose(seed * 97 + line, 40).replaceAll(/\s/g, "_")}",\n`;
  return text.slice(0, length);
}
