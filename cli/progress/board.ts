import { MultiBar } from "cli-progress";
import type { Printer } from "../printer.ts";
import type { ProgressView } from "./view.ts";

const REDRAWS_PER_SECOND = 8;

/** cli-progress does the cursor, the redraw rate and the clean-up; what the rows say is ours. */
export function startBoard<Standing>(
  printer: Printer,
  first: Standing,
  rowCount: number,
  rowsOf: (standing: Standing) => readonly string[],
): ProgressView<Standing> {
  let standing = first;
  let stopped = false;
  const multibar = new MultiBar({
    stream: printer.stream,
    fps: REDRAWS_PER_SECOND,
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
    // A sentence above the board is written over its first row, so every row has to be drawn again.
    forceRedraw: true,
    gracefulExit: false,
    format: (_options, _params, payload: { readonly row: number }) => rowsOf(standing)[payload.row] ?? "",
  });
  for (let row = 0; row < rowCount; row += 1) multibar.create(1, 0, { row });
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    process.off("exit", stop);
    multibar.update();
    multibar.stop();
  };
  // However the process ends, the terminal gets its cursor back.
  process.on("exit", stop);
  return {
    update: (next) => {
      standing = next;
    },
    say: (text) => {
      if (stopped) printer.tell(`${text}\n`);
      else multibar.log(`${text}\n`);
    },
    stop,
  };
}
