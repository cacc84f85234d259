import { spawnSync } from "node:child_process";
import type { Io } from "../io.ts";

/** Shows the cursor, leaves the other screen, and ends reports of mouse, pasting and focus: what a program that was killed leaves behind. */
const CALM = "\u001B[?1049l\u001B[?25h\u001B[?2004l\u001B[?1000l\u001B[?1002l\u001B[?1003l\u001B[?1006l\u001B[?1004l\u001B[0m";

/** Remembers how the terminal is set; the function sets it so again. Does nothing where there is none. */
export function rememberTerminal(io: Io): (wasKilled: boolean) => void {
  if (!process.stdin.isTTY) return () => {};
  const asked = spawnSync("stty", ["-g"], { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" });
  const modes = asked.status === 0 ? asked.stdout.trim() : "";
  return (wasKilled) => {
    if (modes !== "") spawnSync("stty", [modes], { stdio: ["inherit", "ignore", "ignore"] });
    if (wasKilled && io.out.isTty) io.out.tell(CALM);
  };
}
