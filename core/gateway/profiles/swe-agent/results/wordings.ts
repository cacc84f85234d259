/**
 * How Claude Code words the results of its tools: the beginnings that tell one from another, seen in the versions that stand beside them.
 * All are anchored at the start of the text, so that nothing in a path, a file or a command's output can pass for one.
 */
export type Wordings = readonly RegExp[];

export const says = (text: string, wordings: Wordings): boolean => wordings.some((wording) => wording.test(text));

export const MISSING: Wordings = [
  // 1.0.128, 2.0.77: "File does not exist."; 2.1.329 says the working directory behind it
  /^File does not exist\./,
];

export const FOLDER: Wordings = [
  // 1.0.128 to 2.1.329; Edit of 2.1.329 puts its own name in front
  /^(?:Error calling tool \(\w+\): )?EISDIR: /,
  // Write of 2.1.329
  /^\/.* is a directory, not a file\. To create a file/,
];

export const TOO_LARGE: Wordings = [
  // 1.0.128 to 2.1.329; "(368.1KB) … size (256KB)" and "(31000 tokens) … tokens (25000)"
  /^File content \([^()\n]*\) exceeds maximum allowed (?:size|tokens)/,
];

export const BINARY: Wordings = [
  // 1.0.128 to 2.1.329
  /^This tool cannot read binary files\./,
  // 2.1.329
  /^File has an image extension but its content is not a valid/,
  // Beside a document of its own; 1.0.128 to 2.1.329
  /^PDF file read: /,
];

export const UNCHANGED: Wordings = [
  // Newer than 2.0.77; the first two in 2.1.329
  /^File unchanged since last read\./,
  /^Wasted call . file unchanged since your last Read\./,
  /^<system-reminder>This file is already in your context/,
];

export const EMPTY: Wordings = [
  // 2.1.329
  /^<system-reminder>Warning: the file exists but the contents are empty\./,
];

/** 1.0.128 to 2.1.329: the offset, and the number of lines. */
export const BEYOND_END =
  /^<system-reminder>Warning: the file exists but is shorter than the provided offset \((\d+)\)\. The file has (\d+) lines/;

/** The client has to read the file, again or at all, before it changes it. */
export const STALE: Wordings = [
  // 1.0.128 to 2.1.329
  /^File has not been read yet\./,
  /^File has been modified (?:since read|on .* since)/,
  // 1.0.128, 2.0.77
  /^File has been unexpectedly modified\./,
  // 2.1.329
  /^You were given only the start of this file,/,
];

/** 1.0.128 to 2.1.329. */
export const CREATED = /^File created successfully at: /;

/** What a person decided about a call, or what stopped it before it could end. */
export const REJECTED: Wordings = [
  // 1.0.128 to 2.1.329
  /^The user doesn't want to (?:proceed with this tool use|take this action right now)\./,
  /^\[Request interrupted/,
  // 2.1.329
  /^\[(?:Tool|Agent) call /,
  /^Permission for this tool use was denied\./,
  /^This tool call was refused and did not run/,
  /^A safety monitor blocked this turn,/,
];

/** The client did not run a command. */
export const NOT_RUN: Wordings = [
  // 1.0.128 to 2.1.329
  /^Permission to use \w+ (?:with command [^]* )?has been denied/,
  /^Claude requested permissions to /,
  /^This command requires approval/,
  // 2.1.329
  /^.* needs approval\. /,
  /^Operation stopped by hook/,
  // 2.0.77, 2.1.329
  /^PreToolUse:\w+ hook (?:error|stopped)/,
  // 1.0.128
  /^\w+ operation blocked by hook:/,
];
