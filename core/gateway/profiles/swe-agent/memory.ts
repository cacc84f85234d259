import type { ToolResultBlock, ToolUseBlock } from "../../client/request.ts";

/**
 * What a conversation showed so far, folded from its calls in their order. Paths are the model's, normalised. A compaction empties it.
 */
export interface Memory {
  /** By path, the last edit at the end: what `undo_edit` takes back. */
  readonly edits: ReadonlyMap<string, readonly TextEdit[]>;
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  /** What the client's Read answered last to an input; newer clients show an unchanged file only once. */
  earlierRead(input: ToolUseBlock["input"]): ToolResultBlock | null;
}

/** One change of a file's text as the model sees it. */
export interface TextEdit {
  /** UTF-16 offset. */
  readonly at: number;
  readonly removed: string;
  readonly inserted: string;
  /** The edit made the file. */
  readonly created: boolean;
}

export type Effect =
  | { readonly type: "edit"; readonly path: string; readonly edit: TextEdit }
  | { readonly type: "undo"; readonly path: string }
  | { readonly type: "file"; readonly path: string }
  | { readonly type: "folder"; readonly path: string };

export interface GrowingMemory extends Memory {
  note(effect: Effect): void;
  noteRead(input: ToolUseBlock["input"], result: ToolResultBlock): void;
}

export function createMemory(): GrowingMemory {
  const edits = new Map<string, readonly TextEdit[]>();
  const files = new Set<string>();
  const folders = new Set<string>();
  const reads = new Map<string, ToolResultBlock>();
  return {
    edits,
    files,
    folders,
    earlierRead: (input) => reads.get(readKey(input)) ?? null,
    noteRead: (input, result) => void reads.set(readKey(input), result),
    note(effect) {
      const { path } = effect;
      if (effect.type === "folder") folders.add(path);
      else if (effect.type === "file") files.add(path);
      else {
        const before = edits.get(path) ?? [];
        edits.set(path, effect.type === "edit" ? [...before, effect.edit] : before.slice(0, -1));
        if (effect.type === "undo" && before.at(-1)?.created === true) files.delete(path);
        else files.add(path);
      }
    },
  };
}

function readKey(input: ToolUseBlock["input"]): string {
  return JSON.stringify([input["file_path"], input["offset"] ?? null, input["limit"] ?? null]);
}
