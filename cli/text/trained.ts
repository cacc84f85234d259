import type { ModelRecord } from "../../core/training/model.ts";
import { serveCommandLine } from "../../core/training/serve-command.ts";
import { lossText } from "../train/progress/wording.ts";
import { bytes } from "../format/bytes.ts";
import { count, rough } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { homeFlag, shownPath } from "../home.ts";
import { COMMAND } from "../invocation.ts";

/** The end of `serac train`: what came of it, where it lies, and what to do next. */
export function trainedText(model: ModelRecord, folder: string, home: string): string {
  const { id, result, config } = model;
  if (result === null) return "";
  const { steps, tokens, trainSeconds, files, bytes: size } = result;
  return `
${id}  ready${model.data?.rehearsal === true ? "  (rehearsal: it has learned nothing of use)" : ""}
  trained     ${count(steps)} steps, ${rough(tokens)} tokens in ${duration(trainSeconds * 1000)}
  loss        ${lossesText(result)}
  model       ${shownPath(folder)}  (${count(files)} files, ${bytes(size)})

Next:
  ${serveCommandLine({ name: model.name, folder, config })}
  ${COMMAND} connect --upstream http://127.0.0.1:8000 --model ${model.name}
  ${COMMAND} models show ${id}${homeFlag(home)}
`;
}

/** Before and after, of what was trained on and of what was held out. */
export function lossesText({ firstLoss, lastLoss, heldOutLossBefore, heldOutLoss }: NonNullable<ModelRecord["result"]>): string {
  const trained = `${lossText(firstLoss)} -> ${lossText(lastLoss)}`;
  if (heldOutLossBefore === null || heldOutLoss === null) return `${trained}; nothing was held out`;
  return `${trained}; on what was held out ${lossText(heldOutLossBefore)} -> ${lossText(heldOutLoss)}`;
}
