import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { Option } from "commander";
import { InputError } from "../../core/errors/index.ts";
import type { PatchScore, RecallRule } from "../../core/svg/recall/index.ts";
import type { Define } from "../define.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";

interface Flags {
  readonly target: string;
  readonly candidate: string;
  readonly rule: RecallRule;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .requiredOption("--target <patch>", "the patch to be repeated; - reads standard input")
    .requiredOption("--candidate <patch>", "the patch that should repeat it; - reads standard input")
    .addOption(new Option("--rule <rule>", "how lines are compared").choices(["serac", "sera"]).default("serac"))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Recall is the share of the target's changed lines that the candidate changes too. The rule serac compares file, sign
and line; the rule sera is the one of the paper's own code (lines only).

Examples:
  serac score --target first.patch --candidate second.patch
  git diff | serac score --target first.patch --candidate - --json`,
    )
    .action((flags: Flags) => score(flags, io));
};

async function score(flags: Flags, io: Io): Promise<void> {
  if (flags.target === "-" && flags.candidate === "-") {
    throw new InputError("usage", "--target and --candidate cannot both be read from standard input.", {
      hint: "Give one of them as a file.",
    });
  }
  const { scorePatches } = await import("../../core/svg/recall/index.ts");
  const target = await readPatch("--target", flags.target, io);
  const candidate = await readPatch("--candidate", flags.candidate, io);
  await checkPatch("--target", flags.target, target);
  await checkPatch("--candidate", flags.candidate, candidate);
  const result = scorePatches(target, candidate, flags.rule);
  await io.out.write(flags.json ? `${JSON.stringify(result)}\n` : rendered(result));
}

/** Names the file in front of what is wrong with it. */
async function checkPatch(flag: string, file: string, text: string): Promise<void> {
  const { parsePatch } = await import("../../core/svg/patch/index.ts");
  try {
    parsePatch(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, `${flag} ${file}: ${error.message}`, { hint: error.hint, cause: error });
  }
}

async function readPatch(flag: string, file: string, io: Io): Promise<string> {
  const bytes = await (file === "-" ? buffer(process.stdin) : readFile(resolve(io.cwd, file))).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file" : cause.code === "EISDIR" ? "it is a folder" : cause.message;
    throw new InputError("usage", `${flag} ${file} cannot be read: ${why}.`, {
      hint: "Give the path of a unified diff, or - for standard input.",
      cause,
    });
  });
  return decode(bytes);
}

/** Source code, and so a patch, may be in any encoding: latin-1 keeps every byte apart. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("latin1");
  }
}

function rendered({ recall, precision, matched, target, candidate }: PatchScore): string {
  const share = (value: number | null): string => (value === null ? "none" : value.toFixed(4));
  return (
    `recall     ${share(recall)}${recall === null ? " (the target changes nothing that counts)" : ""}\n` +
    `precision  ${share(precision)}\n` +
    `matched    ${counted(matched, "line")} of ${target} in the target and ${candidate} in the candidate\n`
  );
}
