import type { PrepareRequest } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import type { BaseManifest } from "./base-folder.ts";
import type { PrepareMachine } from "./prepare-machine.ts";

const LAST_LINES = 20;
const KEPT_CHARACTERS = 20_000;

/**
 * Runs the commands of `environment.install`, one after the other, each in a shell of its own at /testbed, with the
 * network. Throws SandboxError("sandbox_install_failed") with the last lines of output.
 */
export async function runInstall(
  at: PrepareMachine,
  request: PrepareRequest,
): Promise<Pick<BaseManifest, "layers" | "hasHome" | "treeBytes">> {
  const deadline = performance.now() + request.timeoutMs;
  for (const command of request.install) {
    let tail = "";
    const decoder = new TextDecoder();
    const onData = (bytes: Uint8Array): void => {
      const text = decoder.decode(bytes, { stream: true });
      tail = (tail + text).slice(-KEPT_CHARACTERS);
      request.onOutput?.(text);
    };
    const timeoutMs = deadline - performance.now();
    const result = timeoutMs <= 0 ? null : await run(command, timeoutMs, onData);
    if (result !== 0) {
      const lines = tail.trimEnd().split(/\r?\n/).slice(-LAST_LINES).join("\n");
      const why = result === null ? `did not end within ${Math.round(request.timeoutMs / 1000)} s` : `ended with exit code ${result}`;
      throw new SandboxError(
        "sandbox_install_failed",
        `environment.install: \`${command}\` ${why}.${lines ? `\nLast output:\n${lines}` : ""}`,
        {
          hint: hintFor(tail, result === null),
        },
      );
    }
  }
  const { output } = await at.machine.run(
    "[[ -d /base/usr && -n $(ls -A /base/usr) ]] && echo layer; [[ -n $(ls -A /base/home) ]] && echo home; du -sb --exclude=.git /testbed 2>/dev/null | cut -f1",
  );
  const words = output.toString("utf8").split(/\s+/).filter(Boolean);
  const hasLayer = words.includes("layer");
  await at.machine.run(`umount /agent/usr; chmod -R u+rwX /base/usr.work; rm -rf /base/usr.work; ${hasLayer ? ":" : "rmdir /base/usr"}`);
  return { layers: hasLayer ? ["usr"] : [], hasHome: words.includes("home"), treeBytes: Number(words.at(-1)) || 0 };

  /** Null when there was no time left. */
  async function run(command: string, timeoutMs: number, onData: (bytes: Uint8Array) => void): Promise<number | null> {
    const startedAt = performance.now();
    try {
      const result = await at.runInside(command, "installer", {
        timeoutMs,
        maxBytes: 0,
        onData,
        ...(request.signal && { signal: request.signal }),
      });
      return result.status;
    } catch (error) {
      if (performance.now() - startedAt >= timeoutMs && !request.signal?.aborted) return null;
      throw error;
    }
  }
}

function hintFor(output: string, isTimeout: boolean): string {
  if (isTimeout) return "Raise environment.timeoutMinutes, or install less.";
  if (output.includes("externally-managed-environment")) {
    return "This Python belongs to the system: make a virtual environment (`python3 -m venv .venv && .venv/bin/pip install -e .`).";
  }
  if (/command not found|No such file or directory/.test(output)) {
    return "Only programs below /usr can be seen inside; add folders of other toolchains to environment.mounts.";
  }
  if (/Read-only file system/.test(output))
    return "Only /testbed, the home folder, /etc, /var, /opt and, where overlays work, /usr can be written to.";
  if (/No space left|disk/i.test(output)) return "There may be too little room: see environment.diskMb and the disk of this machine.";
  return "Run the same commands in a fresh checkout to see what they need; they run at the repository's root, with the network, without your home and environment.";
}
