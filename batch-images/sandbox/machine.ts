import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { BaseSnapshot } from "../../core/agent/sandbox.ts";
import { SeracError } from "../../core/errors/index.ts";
import { createBubblewrapProvider, detectBubblewrap } from "../../drivers/bubblewrap/index.ts";
import { startHooks, type RunPayload } from "../../drivers/microvm/guest/hooks.ts";
import { FAILURE_MARK, MAX_FAILURE_CHARACTERS, preparePlan, type PrepareFailure } from "../../drivers/microvm/guest/plan.ts";
import { unpackRepository } from "../../drivers/tool-server/index.ts";
import { BASE_FOLDER, HOOK_PORT, HOST, OWN_PROGRAM, PACK_FILE, PLAN_FILE } from "./environment.ts";

/** Answers the hooks until the machine ends. */
export async function startMachine(): Promise<void> {
  let prepared: "done" | "failed" | null = null;
  let base: BaseSnapshot | null = null;
  let tools: ChildProcess | null = null;
  const { port } = await startHooks(
    {
      prepared: () => prepared,
      async run(payload) {
        tools = await startToolProcess(base!, payload);
        // A workspace that is gone does not come back: without its server the machine is worth nothing.
        tools.once("exit", () => process.exit(1));
      },
      async terminate() {
        tools?.removeAllListeners("exit");
        tools?.stdin?.end();
        if (tools !== null && tools.exitCode === null) await once(tools, "exit");
      },
    },
    HOST,
    HOOK_PORT,
  );
  console.log(`serac: hooks are answered on port ${port}`);
  try {
    base = await prepare();
    prepared = "done";
  } catch (error) {
    console.log(`${FAILURE_MARK}${JSON.stringify(failureOf(error))}`);
    prepared = "failed";
  }
}

async function prepare(): Promise<BaseSnapshot> {
  const detection = await detectBubblewrap();
  if (!detection.available) {
    throw new SeracError("sandbox_unavailable", `bubblewrap does not work in this machine: ${detection.reason}.`, {
      hint: "The image has to be granted all capabilities of the operating system, and its container to hold bubblewrap, git and bash.",
    });
  }
  const plan = preparePlan.parse(JSON.parse(await readFile(PLAN_FILE, "utf8")));
  const provider = await createBubblewrapProvider({ mounts: [] });
  try {
    return await provider.prepare({
      ...plan,
      source: unpackRepository(() => createReadStream(PACK_FILE)),
      directory: BASE_FOLDER,
      onOutput: (text) => void process.stdout.write(text),
    });
  } finally {
    await provider.close();
  }
}

function failureOf(error: unknown): PrepareFailure {
  const message = (error instanceof Error ? error.message : String(error)).slice(-MAX_FAILURE_CHARACTERS);
  const hint = error instanceof SeracError ? (error.hint ?? null) : null;
  const code = error instanceof SeracError ? error.code : "sandbox_failed";
  return { message, hint, code: code === "sandbox_install_failed" || code === "sandbox_unavailable" ? code : "sandbox_failed" };
}

/** Resolves when it serves. What it is to know comes over stdin, which no other process can read. */
async function startToolProcess(base: BaseSnapshot, { secret }: RunPayload): Promise<ChildProcess> {
  const child = spawn(process.execPath, [OWN_PROGRAM, "tools"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.write(`${JSON.stringify({ base, secret })}\n`);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the tool server ended with exit code ${String(code)} before it served`);
  });
  ended.catch(() => {});
  const [said] = await Promise.race([once(child.stdout, "data"), ended]);
  console.log(`serac: the workspace is ${String(said).trim()}`);
  return child;
}
