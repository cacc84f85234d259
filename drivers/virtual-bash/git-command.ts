import { posix } from "node:path";
import { defineCommand } from "just-bash";
import type { Command } from "just-bash";
import { baseBlob, changedFiles, revertFile } from "./patch/changed-files.ts";
import type { ChangedFile } from "./patch/changed-files.ts";
import { writePatch } from "./patch/write-patch.ts";
import type { Overlay } from "./tree/overlay.ts";

/**
 * The few git commands that agents are told to use, on a history of one commit: see what changed, take it back, read the
 * committed version. Everything else says that it does not exist here.
 */
export function gitCommand(overlay: Overlay): Command {
  return defineCommand("git", async (args, context) => {
    const { name, rest } = subcommandOf(args);
    const run = COMMANDS[name];
    if (run === undefined) return fail(1, `git: '${name}' is not available in this sandbox; there are ${Object.keys(COMMANDS).join(", ")}`);
    const flags = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : undefined).filter((arg) => arg.startsWith("-"));
    const isPlain = (arg: string, at: number): boolean =>
      arg !== "--" && (!arg.startsWith("-") || (rest.includes("--") && at > rest.indexOf("--")));
    const operands = rest.filter(isPlain);
    return run({ overlay, cwd: context.cwd, flags, operands });
  });
}

interface Call {
  readonly overlay: Overlay;
  readonly cwd: string;
  readonly flags: readonly string[];
  readonly operands: readonly string[];
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly stdoutKind?: "bytes";
}

const COMMANDS: Readonly<Record<string, (call: Call) => Output>> = {
  add: () => say(""),
  checkout: restore,
  clean: ({ overlay, flags }) => {
    if (!flags.some((flag) => /^-\w*f/.test(flag) || flag === "--force"))
      return fail(128, "fatal: clean.requireForce is true and -f not given");
    const fresh = changedFiles(overlay).filter((file) => file.before === null);
    for (const file of fresh) revertFile(overlay, file.path);
    return say(fresh.map((file) => `Removing ${file.path}\n`).join(""));
  },
  config: () => say(""),
  diff: ({ overlay, cwd, flags, operands }) => {
    if (flags.includes("--cached") || flags.includes("--staged")) return say("");
    const paths = operands.filter((operand) => operand !== "HEAD");
    const tracked = changedFiles(overlay).filter((file) => file.before !== null && isWithin(overlay, cwd, paths, file.path));
    if (flags.includes("--name-only")) return say(tracked.map((file) => `${file.path}\n`).join(""));
    if (flags.includes("--stat")) return say(tracked.map((file) => ` ${file.path} | ${changedLines(file)}\n`).join(""));
    return { ...say(Buffer.from(writePatch(tracked)).toString("latin1")), stdoutKind: "bytes" };
  },
  log: ({ flags }) => say(flags.includes("--oneline") ? "0000000 base\n" : "commit 0000000000000000000000000000000000000000\n\n    base\n"),
  "ls-files": ({ overlay, cwd, operands }) => {
    const tracked = [...overlay.base.paths()].map((path) => path.slice(overlay.base.root.length + 1)).toSorted();
    return say(
      tracked
        .filter((path) => isWithin(overlay, cwd, operands, path))
        .map((path) => `${path}\n`)
        .join(""),
    );
  },
  restore,
  "rev-parse": ({ overlay, flags }) =>
    say(flags.includes("--show-toplevel") ? `${overlay.base.root}\n` : "0000000000000000000000000000000000000000\n"),
  show: ({ overlay, cwd, operands }) => {
    const path = operands[0]?.startsWith("HEAD:") === true ? operands[0].slice("HEAD:".length) : null;
    if (path === null) return fail(128, "fatal: only git show HEAD:path is available in this sandbox");
    const blob = baseBlob(overlay, posix.resolve(path.startsWith("./") ? cwd : overlay.base.root, path));
    if (blob === null) return fail(128, `fatal: path '${path}' does not exist in 'HEAD'`);
    return { ...say(Buffer.from(blob.content).toString("latin1")), stdoutKind: "bytes" };
  },
  status: ({ overlay, flags }) => {
    const files = changedFiles(overlay);
    if (flags.some((flag) => flag === "-s" || flag === "--short" || flag.startsWith("--porcelain"))) {
      return say(files.map((file) => `${letterOf(file)} ${file.path}\n`).join(""));
    }
    return say(longStatus(files));
  },
};

function restore({ overlay, cwd, operands }: Call): Output {
  const paths = operands.filter((operand) => operand !== "HEAD");
  if (paths.length === 0) return fail(1, "error: name the files to take back: git checkout -- path");
  const changed = changedFiles(overlay).filter((file) => file.before !== null && isWithin(overlay, cwd, paths, file.path));
  const unknown = paths.find((path) => !isTracked(overlay, posix.resolve(cwd, path)));
  if (unknown !== undefined) return fail(1, `error: pathspec '${unknown}' did not match any file(s) known to git`);
  for (const file of changed) revertFile(overlay, file.path);
  return { stdout: "", stderr: `Updated ${changed.length} path${changed.length === 1 ? "" : "s"} from the index\n`, exitCode: 0 };
}

/** `git -C dir`, `-c key=value` and `--no-pager` come before the subcommand. */
function subcommandOf(args: readonly string[]): { readonly name: string; readonly rest: readonly string[] } {
  let at = 0;
  while (args[at]?.startsWith("-") === true) at += args[at] === "-c" || args[at] === "-C" ? 2 : 1;
  return { name: args[at] ?? "help", rest: args.slice(at + 1) };
}

function isTracked(overlay: Overlay, absolute: string): boolean {
  return absolute === overlay.base.root || overlay.base.get(absolute) !== undefined;
}

function isWithin(overlay: Overlay, cwd: string, operands: readonly string[], path: string): boolean {
  const absolute = posix.join(overlay.base.root, path);
  return operands.length === 0 || operands.some((operand) => `${absolute}/`.startsWith(`${posix.resolve(cwd, operand)}/`));
}

function letterOf(file: ChangedFile): string {
  if (file.before === null) return "??";
  return file.after === null ? " D" : " M";
}

function longStatus(files: readonly ChangedFile[]): string {
  if (files.length === 0) return "On branch main\nnothing to commit, working tree clean\n";
  const tracked = files.filter((file) => file.before !== null);
  const fresh = files.filter((file) => file.before === null);
  const lines = ["On branch main"];
  if (tracked.length > 0) lines.push("Changes not staged for commit:");
  for (const file of tracked) lines.push(`\t${file.after === null ? "deleted: " : "modified:"}   ${file.path}`);
  if (fresh.length > 0) lines.push("", "Untracked files:", ...fresh.map((file) => `\t${file.path}`));
  return `${lines.join("\n")}\n`;
}

function changedLines(file: ChangedFile): number {
  return Buffer.from(writePatch([file]))
    .toString("latin1")
    .split("\n")
    .filter((line) => /^[+-](?![+-]{2} )/.test(line)).length;
}

const say = (stdout: string): Output => ({ stdout, stderr: "", exitCode: 0 });
const fail = (exitCode: number, message: string): Output => ({ stdout: "", stderr: `${message}\n`, exitCode });
