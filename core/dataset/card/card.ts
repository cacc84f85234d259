import { isRehearsal } from "../manifest-of.ts";
import type { CardInput } from "./card-input.ts";
import { cardHeader } from "./header.ts";
import { acceptanceSection, datasetSection, recallSection, tokenSection } from "./sections.ts";
import { code, plain, table } from "./table.ts";

/** Tells an export of ours from a folder that somebody else filled. */
const MARK = "<!-- serac.dataset/1 -->";

export function isCard(text: string): boolean {
  return text.includes(MARK);
}

/** README.md of an export, with the YAML header that Hugging Face `datasets` loads by. Byte-stable: nothing in it depends on when it was made. */
export function renderCard(input: CardInput): string {
  const { run, options, t1, t2 } = input;
  const rehearsed = isRehearsal(input);
  const title = rehearsed ? `${run.name} (rehearsal)` : run.name;
  const parts = [
    `---\n${cardHeader(input, rehearsed)}---\n${MARK}`,
    `# ${plain(title)}: coding-agent trajectories`,
    ...(rehearsed ? [REHEARSAL] : []),
    `Soft-verified trajectories of a coding agent at work on one repository, made by serac with the method of SERA (arXiv 2601.20789).
T1 holds first rollouts, which started from a vague complaint about one function and were judged to answer it. T2 holds second
rollouts, which saw nothing but a pull request text and repeated enough of the first patch.`,
    datasetSection(input),
    `## Where it comes from

${table(["", ""], origin(input))}`,
    acceptanceSection(input.acceptance),
    recallSection(t1, t2),
    tokenSection(input),
    `## Rows

Format \`${options.format}\`: ${input.counting.format.description}. \`messages[].train\` is true on the replies to train on and on nothing else.
Every row also has ${input.counting.format.name === "openai" || input.counting.format.name === "raw" ? "`tools` (JSON)" : "`tools` (empty here: the system prompt holds them)"} and metadata: sample, function, language, kind, seed, teacher, exit status, recall, patch, tokens, cost.
${options.format === "hermes" || options.format === "xml" ? ESCAPES : ""}`.trimEnd(),
    `## Licence

The texts quote the repository, so its licence and its owner's rules govern this dataset; the terms of the teacher's provider may limit
what its replies are used for. serac adds no terms of its own.`,
  ];
  return `${parts.join("\n\n")}\n`;
}

const REHEARSAL = `> [!CAUTION]
> **REHEARSAL DATA. DO NOT TRAIN A MODEL FOR REAL USE ON IT.** Its replies were made by the rehearsal teacher, a script that imitates an
> agent so that the pipeline can be tried without cost. They hold no skill that is worth learning.`;

const ESCAPES = `Where a prompt, a reply or a tool's output itself holds a literal such as \`<think>\`, \`<tool_call>\` or \`<|im_end|>\`, it is written with a
backslash behind the \`<\` (\`<\\think>\`; one more where there was one), so that such tokens come from the frame alone.`;

function origin({ run, options, t1, t2 }: CardInput): readonly (readonly string[])[] {
  const { teacher, plan, verify, rollout } = run.config;
  const models = [...new Set([...t1.models, ...t2.models])];
  const price = teacher?.price;
  const reported = models.length > 0 ? ` (reported as ${models.map(code).join(", ")})` : "";
  return [
    ["Run", code(run.id)],
    ["Repository", `${code(run.name)} at ${run.commit === null ? "a snapshot of a plain folder" : code(run.commit)}`],
    ["Teacher", `${teacher === undefined ? "not recorded" : code(teacher.model)}${reported}`],
    ["Temperature", String(teacher?.temperature ?? "not recorded")],
    [
      "Price, USD per 1M tokens",
      price === undefined
        ? "not recorded"
        : `input ${price.input}, cached input ${price.cachedInput ?? price.input}, output ${price.output}`,
    ],
    ["Seed of the plan", String(plan.seed)],
    ["Toolset", code(rollout.toolset)],
    ["Verification", `recall of the first patch's changed lines, rule \`serac\`, at least ${verify.threshold}`],
    ["Made by", `serac${options.version === null ? "" : ` ${options.version}`}`],
  ];
}
