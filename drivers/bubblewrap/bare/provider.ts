import { mkdir, rm } from "node:fs/promises";
import type { BaseSnapshot, OpenOptions, PrepareRequest, Sandbox, SandboxLimits, SandboxProvider } from "../../../core/agent/sandbox.ts";
import { SandboxError } from "../../../core/errors/index.ts";
import { commitTree, finishRepository, writeBaseRepository } from "../base-repository.ts";
import { GIT_ENVIRONMENT } from "../changes.ts";
import { exportTree } from "../export-tree.ts";
import { inhabit } from "../inhabit.ts";
import type { InnerWall } from "../inner.ts";
import { PREPARE_GIT_ENVIRONMENT } from "../prepare-machine.ts";
import { quote, quoteAll } from "../quote.ts";
import { agentEnvironment } from "../system-view.ts";
import type { TrackedPaths } from "../tracked-paths.ts";
import { watchMemory } from "../watchdog.ts";
import { startBareMachine, type BareMachine } from "./machine.ts";
import { BASE, CONTROL_SCRATCH, HOME, nameOf, SCRATCH, TREE, withNames } from "./places.ts";

export interface BareOptions {
  /** Who it is towards others: its base snapshots carry the name. */
  readonly name: SandboxProvider["name"];
}

/** Node's own threads count, too, where the number of a user's processes is limited. */
const OWN_PROCESSES = 64;

/**
 * The shells and the git of this driver without its walls: for a machine that holds one workspace in its whole life, lets nobody make
 * namespaces or mounts, and is a wall itself. The tree of the base is the workspace, so `open` works once.
 */
export function createBareProvider({ name }: BareOptions): SandboxProvider {
  let base: BaseSnapshot | null = null;
  let sandbox: Sandbox | null = null;
  let isOpened = false;

  return {
    name,
    notes: ["Commands run as they are: the machine around them is the only wall."],

    async prepare(request) {
      if (base?.directory === request.directory) return base;
      if (base !== null) throw new SandboxError("sandbox_failed", "This machine has another base already.");
      if (request.install.length > 0) throw new SandboxError("sandbox_install_failed", "Nothing can be installed without a network.");
      base = { provider: name, directory: request.directory, baseCommit: await makeBase(request) };
      return base;
    },

    async open(snapshot, options) {
      if (base === null || snapshot.directory !== base.directory)
        throw new SandboxError("sandbox_failed", "This machine does not have that base.");
      if (isOpened) throw new SandboxError("sandbox_failed", "This machine has had its one workspace.");
      isOpened = true;
      sandbox = await openTree(snapshot, options);
      return sandbox;
    },

    async close() {
      await sandbox?.close();
      await removeAll();
    },
  };
}

async function makeBase({ source, limits, signal }: PrepareRequest): Promise<string> {
  await removeAll();
  for (const folder of [TREE, SCRATCH, HOME]) await mkdir(folder, { recursive: true });
  await exportTree(source, TREE, signal);
  await writeBaseRepository(BASE);
  const machine = await startBareMachine(SCRATCH);
  try {
    await machine.run(PREPARE_GIT_ENVIRONMENT);
    const commit = await commitTree(machine.run);
    const { command } = wallOf(machine, limits);
    const inside = (text: string) => machine.run(`${command} bash --noprofile --norc -c ${quote(text)} 96<&- 98>&- 99>&-`);
    return await finishRepository({ machine, runInside: inside }, commit, false);
  } finally {
    await machine.kill();
  }
}

async function openTree(base: BaseSnapshot, { limits, checkpoint, signal }: OpenOptions): Promise<Sandbox> {
  await mkdir(`${CONTROL_SCRATCH}/objects`, { recursive: true });
  const machine = await startBareMachine(SCRATCH);
  let tracked: Promise<TrackedPaths> | null = null;
  const watchdog = watchMemory({ proc: "/proc", isOurs: machine.isOurs }, limits.memoryMb * 1_048_576, (pid) => {
    machine.shells.control.send(`kill -9 ${pid}`);
  });
  const end = async (): Promise<void> => {
    watchdog.stop();
    await machine.kill();
  };
  try {
    signal?.throwIfAborted();
    await machine.run(GIT_ENVIRONMENT);
    const sandbox = await inhabit({
      machine,
      mode: "clone",
      wall: wallOf(machine, limits),
      baseCommit: base.baseCommit,
      checkpoint,
      tracked: (read) => (tracked ??= read()),
      // Control's own processes are not counted against the agent's limit.
      unlessCrowded: (script) => script,
      nameOf,
      end,
    });
    return {
      ...sandbox,
      async exec(command, options) {
        const result = await sandbox.exec(command, options);
        return { ...result, output: withNames(result.output) };
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function wallOf(machine: BareMachine, limits: SandboxLimits): InnerWall {
  const environment = { ...agentEnvironment(process.env["PATH"] ?? "/usr/bin:/bin"), HOME };
  return {
    command: quoteAll(["env", "-i", ...Object.entries(environment).map(([key, value]) => `${key}=${value}`), "setsid"]),
    resourceLimits: [`-f ${limits.fileMb * 1024}`, `-u ${limits.processes + OWN_PROCESSES}`, `-d ${limits.memoryMb * 1024}`],
    endAll: () => machine.endOthers(),
  };
}

const removeAll = async (): Promise<void> => {
  for (const folder of [BASE, CONTROL_SCRATCH, SCRATCH, HOME]) await rm(folder, { recursive: true, force: true });
};
