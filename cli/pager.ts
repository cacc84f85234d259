import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Io } from "./io.ts";

/** On a terminal through $PAGER, else `less`; anywhere else, or where there is no pager, straight out. */
export async function printPaged(text: string, io: Io, wanted: boolean): Promise<void> {
  if (!wanted || !io.out.isTty) return io.out.write(text);
  const pager = io.env["PAGER"] ?? "";
  const child = spawn(pager === "" ? "less" : pager, {
    shell: pager !== "",
    stdio: ["pipe", "inherit", "inherit"],
    // R: colours; F: leave at once when it fits; X: leave the text on the screen.
    env: { LESS: "FRX", ...io.env },
  });
  // Leaving the pager before the end is no error.
  child.stdin?.on("error", () => {});
  const started = await Promise.race([once(child, "spawn").then(() => true), once(child, "error").then(() => false)]);
  if (!started) return io.out.write(text);
  // The pager takes Ctrl-C for itself.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  child.stdin?.end(io.redactor.clean(text));
  const [code]: unknown[] = await once(child, "close");
  process.off("SIGINT", ignore);
  // A shell that does not find $PAGER.
  if (code === 127) await io.out.write(text);
}
