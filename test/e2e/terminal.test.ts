import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exampleRepository, scratch } from "./serac.ts";

const BIN = join(import.meta.dirname, "../../bin/serac.ts");

/** The command on a pseudo-terminal that many columns wide; everything that the terminal was sent. */
async function onTerminal(
  args: readonly string[],
  cwd: string,
  columns: number,
  onText: (text: string, press: (key: string) => void) => void = () => {},
) {
  const command = `stty cols ${columns} rows 24; exec "${process.execPath}" "${BIN}" ${args.map((arg) => `"${arg}"`).join(" ")}`;
  const env = { ...process.env, TERM: "xterm", NO_COLOR: "" };
  const child = spawn("script", ["-qefc", command, "/dev/null"], { cwd, env, stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    onText(text, (key) => child.stdin.write(key));
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, text };
}

// oxlint-disable-next-line no-control-regex -- this is about them
const ESCAPES = /\u001B\[[?\d;]*[A-Za-z]/g;
const widthOf = (line: string): number => line.replaceAll(ESCAPES, "").length;
const run = (repo: string, ...flags: string[]): string[] => ["run", repo, "--rehearse", "--sandbox", "virtual-bash", ...flags];

it("draws a board that fits the terminal and leaves the cursor where it was", async () => {
  await using folder = await scratch();
  const repo = await exampleRepository(folder.path);
  const { code, text } = await onTerminal(run(repo, "--samples", "6"), folder.path, 50);
  expect(code, text).toBe(0);
  const [open, close] = [text.indexOf("\u001B[?25l"), text.lastIndexOf("\u001B[?25h")];
  expect([open >= 0, close > open]).toEqual([true, true]);
  const board = text.slice(open, close);
  expect(board).toMatch(/\d+\/6 samples/);
  expect(board).toContain("accepted");
  // oxlint-disable-next-line no-control-regex -- where the cursor goes to the start of a row
  expect(Math.max(...board.split(/\r\n|\r|\n|\u001B\[\d+A|\u001B\[1G/).map(widthOf))).toBeLessThan(50);
  expect(text.slice(close)).toMatch(/6 of 6 done/);
});

it("Ctrl-C on the terminal pauses the run and puts the cursor back", async () => {
  await using folder = await scratch();
  const repo = await exampleRepository(folder.path);
  let pressed = false;
  const { code, text } = await onTerminal(run(repo, "--samples", "50", "--concurrency", "1"), folder.path, 80, (seen, press) => {
    if (pressed || !/accepted \d/.test(seen)) return;
    pressed = true;
    press("\u0003");
  });
  expect(code, text).toBe(3);
  expect(text).toContain("Stopping: rollouts are checkpointed.");
  expect(text).toMatch(/paused: The run was interrupted\. \[interrupted\]\r\nhint: Go on with `.*resume parcels-/);
  expect(text.lastIndexOf("\u001B[?25h")).toBeGreaterThan(text.lastIndexOf("\u001B[?25l"));
});
