import type { SkippedFile, SourceFunction, SurveySummary } from "../../core/survey/function.ts";
import type { Define } from "../define.ts";
import { addConfigFlags, type GivenFlags } from "../config/flags.ts";
import { count, counted } from "../format/count.ts";
import { printable } from "../format/printable.ts";
import type { Io } from "../io.ts";

interface Flags extends GivenFlags {
  readonly config?: string;
  readonly tests?: boolean;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .argument("<repo>", "a git work tree, a bare repository, a folder inside one, or a plain folder")
    .option("-c, --config <file>", "settings (default: serac.yaml here, if there is one)");
  addConfigFlags(command, ["repository"])
    .option("--tests", "list test code, too")
    .option("--json", "print one JSON object a line: the functions, then the summary")
    .addHelpText(
      "after",
      `
Each line is a place that a sample can start from. Tests, vendored and generated code are skipped, and said to be.

Examples:
  serac survey .
  serac survey ../my-service --include src --language python
  serac survey . --json | tail -n 1`,
    )
    .action((repo: string, flags: Flags) => survey(repo, flags, io));
};

async function survey(repo: string, flags: Flags, io: Io): Promise<void> {
  const { readConfig } = await import("../config/resolve.ts");
  const { openRepository } = await import("../platform.ts");
  const { streamSurvey } = await import("../../core/survey/index.ts");
  const { config } = await readConfig({ repo, configFile: flags.config ?? null, flags, rehearse: false }, io);
  await using resources = new AsyncDisposableStack();
  const source = resources.adopt(await openRepository(config.repo.source, config.repo.commit), (opened) => opened.close());
  const rules = { ...config.survey, ...config.repo, ...(flags.tests === true ? { skipTests: false } : {}) };
  const found = streamSurvey(source, rules);
  for (;;) {
    const next = await found.next();
    if (next.done === true) {
      await io.out.write(flags.json ? `${JSON.stringify(next.value)}\n` : summaryText(next.value, source.notes));
      return;
    }
    await io.out.write(flags.json ? `${JSON.stringify(next.value)}\n` : functionLine(next.value));
  }
}

const functionLine = ({ id, startLine, endLine }: SourceFunction): string =>
  `${printable(id).replaceAll("\n", "\\n")}  ${startLine}-${endLine}\n`;

function summaryText({ functions, files, skipped }: SurveySummary, notes: readonly string[]): string {
  const lines = [`${counted(functions, "function")} in ${counted(files, "file")}`];
  if (skipped.length > 0) lines.push(`${counted(skipped.length, "file")} skipped: ${reasons(skipped)} (--json names them)`);
  return `\n${[...lines, ...notes].join("\n")}\n`;
}

function reasons(skipped: readonly SkippedFile[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, files]) => `${reason} ${count(files)}`)
    .join(", ");
}
