import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { exactTokenizer, OVERFLOW_WORDINGS, startUpstream } from "./index.ts";
import type { Answer } from "./index.ts";

/**
 * The test upstream as a program. Prints one line of JSON with its url and runs until it is killed. `--script` names a JSON file with a
 * list of answers; the last one is repeated.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    model: { type: "string", default: "student" },
    "context-tokens": { type: "string", default: "32768" },
    overflow: { type: "string", default: "at-least" },
    "api-key": { type: "string" },
    script: { type: "string" },
    "tokens-per-second": { type: "string" },
    exact: { type: "boolean", default: false },
  },
});

const overflow = OVERFLOW_WORDINGS.find((wording) => wording === values.overflow);
if (overflow === undefined) throw new Error(`--overflow: allowed are ${OVERFLOW_WORDINGS.join(", ")}.`);
const read: unknown =
  values.script === undefined ? [{ content: "This is the test upstream." }] : JSON.parse(await readFile(values.script, "utf8"));
if (!isAnswers(read)) throw new Error("--script: the file must hold a list of answers that is not empty.");
const rate = values["tokens-per-second"];
const script = rate === undefined ? read : read.map((answer) => ({ tokensPerSecond: Number(rate), ...answer }));

const upstream = await startUpstream({
  script,
  overflow,
  port: Number(values.port),
  models: [values.model],
  contextTokens: Number(values["context-tokens"]),
  ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
  ...(values.exact ? { tokenizer: await exactTokenizer() } : {}),
});
process.stdout.write(`${JSON.stringify({ url: upstream.url, model: values.model })}\n`);

function isAnswers(json: unknown): json is readonly Answer[] {
  return Array.isArray(json) && json.length > 0 && json.every((answer) => typeof answer === "object" && answer !== null);
}
