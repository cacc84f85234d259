import { bashObservation } from "../results/index.ts";
import { observed, type Ground, type Program } from "../program.ts";

/** As long as the harness lets a command run. */
const TIMEOUT_MS = 300_000;

export function* bash(command: string, { paths }: Ground): Program {
  const { result } = yield { name: "Bash", input: { command: paths.commandToClient(command), timeout: TIMEOUT_MS } };
  return observed(bashObservation(result, TIMEOUT_MS, (text) => paths.toModel(text)));
}
