import type { ToolDefinition } from "../../messages.ts";

/** Names, arguments and types are those of SWE-agent's `edit_anthropic` and `review_on_submit_m`; the descriptions are our own. */
export const BASH: ToolDefinition = {
  name: "bash",
  description:
    "Runs a command in the bash session of this task. The directory and variables last from one call to the next. Commands get no keyboard input, so interactive programs are of no use.",
  parameters: {
    type: "object",
    properties: { command: { type: "string", description: "The command, in one or more lines of bash." } },
    required: ["command"],
  },
};

export const EDITOR_COMMANDS = ["view", "create", "str_replace", "insert", "undo_edit"] as const;
export type EditorCommand = (typeof EDITOR_COMMANDS)[number];

export function isEditorCommand(name: unknown): name is EditorCommand {
  return EDITOR_COMMANDS.some((command) => command === name);
}

export const EDITOR: ToolDefinition = {
  name: "str_replace_editor",
  description: [
    "Looks at files and folders and edits files.",
    "* `view` shows a file with line numbers as `cat -n` does, or what lies in a folder, two levels deep without hidden entries. Long output is cut and marked `<response clipped>`.",
    "* `create` makes a new file; it never overwrites one.",
    "* `str_replace` replaces `old_str`, which must stand exactly once in the file, white space included. Take enough lines around the place to make it unique.",
    "* `insert` adds lines after a line number.",
    "* `undo_edit` takes back the last edit of that file; it can be repeated.",
  ].join("\n"),
  parameters: {
    type: "object",
    properties: {
      command: { type: "string", enum: [...EDITOR_COMMANDS], description: "What to do." },
      path: { type: "string", description: "Absolute path of the file or folder, such as `/testbed/src/main.py` or `/testbed`." },
      file_text: { type: "string", description: "For `create`: the content of the new file." },
      old_str: { type: "string", description: "For `str_replace`: the text to replace." },
      new_str: {
        type: "string",
        description: "For `str_replace`: the text to put there; left out, `old_str` is removed. For `insert`: the lines to add.",
      },
      insert_line: { type: "integer", description: "For `insert`: the new lines come after this line; 0 puts them first." },
      view_range: {
        type: "array",
        items: { type: "integer" },
        description: "For `view` of a file: the first and the last line to show, from 1. `[30, -1]` shows line 30 to the end.",
      },
    },
    required: ["command", "path"],
  },
};

export const SUBMIT: ToolDefinition = {
  name: "submit",
  description: "Hands in the work. The first call shows the whole change once more for a last check; call it again when all is right.",
  parameters: { type: "object", properties: {}, required: [] },
};

export const TOOLS: readonly ToolDefinition[] = [BASH, EDITOR, SUBMIT];
