import { defineCommand, latin1FromBytes } from "just-bash";

/**
 * ripgrep in terms of grep: just-bash 3.4 has one of its own that takes 20 s on SymPy where its grep takes 0.1 s. What cannot be
 * said to grep is refused rather than ignored.
 */
export const rgCommand = defineCommand("rg", async (args, context) => {
  const call = translate(args);
  if (typeof call === "string") return { stdout: "", stderr: `rg: ${call}\n`, exitCode: 2 };
  const exec = context.exec;
  if (exec === undefined) return { stdout: "", stderr: "rg: not available here\n", exitCode: 2 };
  const stdin = call.paths.length === 0 ? latin1FromBytes(context.stdin) : "";
  const options = { cwd: context.cwd, ...(context.signal === undefined ? {} : { signal: context.signal }) };
  const paths = call.paths.length === 0 ? ["."] : call.paths;
  if (call.kind === "search" && stdin !== "") {
    return exec("grep", { ...options, args: [...call.flags, ...call.pattern], stdin, stdinKind: "bytes" });
  }
  const [only = "."] = paths;
  const target = context.fs.resolvePath(context.cwd, only);
  const isOneFile = paths.length === 1 && (await context.fs.exists(target)) && (await context.fs.stat(target)).isFile;
  const recursion = isOneFile ? [] : ["-r", "--exclude-dir=.?*"];
  const result =
    call.kind === "files"
      ? await exec("find", { ...options, args: [...paths, "-type", "f", "-not", "-path", "*/.*", ...call.names] })
      : await exec("grep", { ...options, args: [...recursion, ...call.flags, ...call.names, ...call.pattern, ...paths] });
  const named = call.paths.length === 0 ? result.stdout.replaceAll(/^\.\//gm, "") : result.stdout;
  // A new object: the shell keeps accounts of the bytes in the old one.
  const { stderr, exitCode, stdoutKind = "text" } = result;
  return { stdout: call.flags.includes("-c") ? named.replaceAll(/^.*:0\n/gm, "") : named, stdoutKind, stderr, exitCode };
});

interface Call {
  readonly kind: "search" | "files";
  readonly flags: readonly string[];
  /** File names to look into, as grep or find wants them. */
  readonly names: readonly string[];
  readonly pattern: readonly string[];
  readonly paths: readonly string[];
}

const PLAIN: ReadonlyMap<string, string> = new Map([
  ["-n", "-n"],
  ["--line-number", "-n"],
  ["-i", "-i"],
  ["--ignore-case", "-i"],
  ["-w", "-w"],
  ["--word-regexp", "-w"],
  ["-v", "-v"],
  ["--invert-match", "-v"],
  ["-l", "-l"],
  ["--files-with-matches", "-l"],
  ["-c", "-c"],
  ["--count", "-c"],
  ["-o", "-o"],
  ["--only-matching", "-o"],
  ["-F", "-F"],
  ["--fixed-strings", "-F"],
  ["-H", "-H"],
  ["--with-filename", "-H"],
  ["-q", "-q"],
  ["--quiet", "-q"],
  ["-x", "-x"],
  ["--line-regexp", "-x"],
  ["-I", "-h"],
  ["--no-filename", "-h"],
]);
/** Presentation that is so anyway, or that an agent does not miss. */
const IGNORED: ReadonlySet<string> = new Set([
  "-N",
  "--no-heading",
  "--no-line-number",
  "-u",
  "-uu",
  "-uuu",
  "--hidden",
  "--no-ignore",
  "-S",
  "--smart-case",
  "-p",
  "-a",
  "--sort=path",
]);
const VALUED: ReadonlyMap<string, string> = new Map([
  ["-A", "-A"],
  ["--after-context", "-A"],
  ["-B", "-B"],
  ["--before-context", "-B"],
  ["-C", "-C"],
  ["--context", "-C"],
  ["-m", "-m"],
  ["--max-count", "-m"],
]);
const TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ["c", ["*.c", "*.h"]],
  ["cpp", ["*.cpp", "*.cc", "*.hpp", "*.h"]],
  ["css", ["*.css", "*.scss"]],
  ["go", ["*.go"]],
  ["html", ["*.html"]],
  ["java", ["*.java"]],
  ["js", ["*.js", "*.jsx", "*.mjs", "*.cjs"]],
  ["json", ["*.json"]],
  ["kotlin", ["*.kt", "*.kts"]],
  ["md", ["*.md"]],
  ["php", ["*.php"]],
  ["py", ["*.py", "*.pyi"]],
  ["ruby", ["*.rb"]],
  ["rust", ["*.rs"]],
  ["sh", ["*.sh"]],
  ["toml", ["*.toml"]],
  ["ts", ["*.ts", "*.tsx", "*.mts", "*.cts"]],
  ["yaml", ["*.yaml", "*.yml"]],
]);

/** A string is the reason why the call cannot be made. */
function translate(args: readonly string[]): Call | string {
  const flags: string[] = [];
  const globs: string[] = [];
  const patterns: string[] = [];
  const operands: string[] = [];
  let kind: Call["kind"] = "search";
  const rest = args.flatMap(unbundle);
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const plain = PLAIN.get(arg);
    const valued = VALUED.get(arg);
    if (arg === "--") operands.push(...rest.splice(0));
    else if (arg === "--files") kind = "files";
    else if (plain !== undefined) flags.push(plain);
    else if (valued !== undefined) flags.push(valued, rest.shift() ?? "");
    else if (arg === "-e" || arg === "--regexp") patterns.push(rest.shift() ?? "");
    else if (arg === "-g" || arg === "--glob") globs.push(rest.shift() ?? "");
    else if (arg === "-t" || arg === "--type") {
      const name = rest.shift() ?? "";
      const type = TYPES.get(name);
      if (type === undefined) return `unrecognized file type: ${name}`;
      globs.push(...type);
    } else if (!arg.startsWith("-") || arg === "-") operands.push(arg);
    else if (!IGNORED.has(arg)) return `${arg} is not available in this sandbox; use grep or find`;
  }
  if (kind === "search" && patterns.length === 0) patterns.push(...operands.splice(0, 1));
  if (kind === "search" && patterns.length === 0) return "no pattern given";
  if (!flags.includes("-F")) flags.unshift("-E");
  return {
    kind,
    flags,
    names: kind === "files" ? findNames(globs) : globs.map(grepName),
    pattern: patterns.flatMap((text) => ["-e", text]),
    paths: operands,
  };
}

/** `-inl` is three flags, `-A3` and `--glob=x` a flag and its value. */
function unbundle(arg: string): string[] {
  const long = /^(--[a-z-]+)=(.*)$/s.exec(arg);
  if (long !== null) return arg === "--sort=path" ? [arg] : [long[1] ?? "", long[2] ?? ""];
  const short = /^(-[ABCmetg])(.+)$/s.exec(arg);
  if (short !== null) return [short[1] ?? "", short[2] ?? ""];
  const letters = /^-([a-zA-Z]{2,})$/.exec(arg)?.[1];
  if (letters === undefined || /^u+$/.test(letters)) return [arg];
  return Array.from(letters, (letter) => `-${letter}`);
}

const grepName = (glob: string): string => (glob.startsWith("!") ? `--exclude=${baseName(glob.slice(1))}` : `--include=${baseName(glob)}`);

/** grep and find match names, not paths: `src/**` + `/*.py` is looked for as `*.py`. */
const baseName = (glob: string): string => glob.slice(glob.lastIndexOf("/") + 1) || "*";

function findNames(globs: readonly string[]): string[] {
  const alternatives = globs
    .filter((glob) => !glob.startsWith("!"))
    .flatMap((glob, at) => [...(at === 0 ? [] : ["-o"]), "-name", baseName(glob)]);
  return alternatives.length === 0 ? [] : ["(", ...alternatives, ")"];
}
