import { countCharacters, interruption, outputText, takeCharacters, takeLastCharacters } from "../../observation.ts";
import type { ExecResult } from "../../sandbox.ts";

const MAX_CHARACTERS = 10_000;
const KEPT_CHARACTERS = 5_000;

/** mini-swe-agent's observation: return code and output, of a long one only head and tail. */
export function renderOutput(result: ExecResult, limitMs: number): string {
  const text = outputText(result.output);
  const total = countCharacters(text) + result.omittedBytes;
  const code = result.exitCode ?? (result.outcome === "timeout" ? 124 : 137);
  const note = interruption(result, limitMs);
  const head = `<returncode>${code}</returncode>\n${note === "" ? "" : `<warning>\n${note}\n</warning>\n`}`;
  if (total <= MAX_CHARACTERS) return `${head}<output>\n${text}</output>`;
  return `${head}<warning>
The output was too long and is shown in part. Print less: use head, tail, grep or a file.
</warning>
<output_head>
${takeCharacters(text, KEPT_CHARACTERS)}
</output_head>
<elided_chars>
${total - 2 * KEPT_CHARACTERS} characters left out
</elided_chars>
<output_tail>
${takeLastCharacters(text, KEPT_CHARACTERS)}
</output_tail>`;
}
