import { deflateRawSync, inflateRawSync } from "node:zlib";

/** What an honest payload can hold stays far below; a hostile one cannot take more than this. Bytes. */
const MAX_UNPACKED_BYTES = 8 * 1024 * 1024;

/**
 * Texts that most payloads hold. Part of the format: payloads in old conversations were made with it, so a change here needs a new
 * VERSION and the old text kept beside it for reading.
 */
const DICTIONARY = Buffer.from(
  [
    '["calls",["hidden-calls"',
    '["progress"]["thought",["reasoning","reasoning_content"',
    '["content","","\\n</think>\\n\\n"',
    '["content","<think>\\n","\\n</think>\\n\\n"]]',
    '["submit","{}"',
    '\\"old_str\\": \\"\\", \\"new_str\\": \\"',
    '\\"insert_line\\": \\", \\"file_text\\": \\"',
    '\\"view_range\\": [1, -1]}"]',
    '["str_replace_editor",["{\\"command\\": \\"undo_edit',
    '["str_replace_editor",["{\\"command\\": \\"insert',
    '["str_replace_editor",["{\\"command\\": \\"create\\", \\"path\\": ",[4,"file_path"],", \\"file_text\\": ",[0,"content"],"}"]]',
    '["str_replace_editor",["{\\"command\\": \\"str_replace\\", \\"path\\": ",[4,"file_path"],", \\"old_str\\": ",[0,"old_string"],", \\"new_str\\": ",[0,"new_string"],"}"]]',
    '["str_replace_editor",["{\\"command\\": \\"view\\", \\"path\\": \\"/testbed/',
    '["str_replace_editor",["{\\"command\\": \\"view\\", \\"path\\": ",[4,"file_path"],"}"]]',
    '["bash",["{\\"command\\": ",[4,"command"],"}"]]',
    '["bash",["{\\"command\\": ",[0,"command"],"}"]]',
  ].join(""),
);

const VERSION = "1";

/** A JSON value as a short text of `A-Z a-z 0-9 - _`, the first character of which is the version. */
export function pack(value: unknown): string {
  return VERSION + deflateRawSync(JSON.stringify(value), { level: 9, dictionary: DICTIONARY }).toString("base64url");
}

/** The value that `pack` was given; undefined for a text that `pack` did not make. */
export function unpack(packed: string): unknown {
  if (packed[0] !== VERSION || !/^[\w-]+$/.test(packed)) return undefined;
  try {
    const bytes = inflateRawSync(Buffer.from(packed.slice(1), "base64url"), {
      dictionary: DICTIONARY,
      maxOutputLength: MAX_UNPACKED_BYTES,
    });
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
