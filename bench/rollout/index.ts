import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { peersPython, sourceOf, SYMPY } from "../packages.ts";
import { runJson } from "../process.ts";
import type { Section } from "../section.ts";

const ROLLOUTS = 32;
const STEPS = 30;

interface SeracFigures {
  readonly steps: number;
  readonly seconds: number;
  readonly rssBefore: number;
  readonly rssPeak: number;
  readonly sandboxRss: number;
}
interface PeerFigures {
  readonly steps: number;
  readonly seconds: number;
  readonly peakKiB: number;
}

/** Whole steps (teacher over HTTP, command in the sandbox, journal) with a teacher that answers at once, beside mini-swe-agent without a sandbox. */
export const rollout: Section = {
  name: "rollout",
  async run({ log }) {
    const tree = await sourceOf(SYMPY);
    const python = await peersPython();
    const teacher = spawn(process.execPath, [join(import.meta.dirname, "scripted-teacher.ts"), String(STEPS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [url] = (await once(createInterface(teacher.stdout), "line")) as [string];
      const args = [url, tree, String(ROLLOUTS), String(STEPS)];
      log("rollout: serac");
      const ours = await runJson<SeracFigures>(process.execPath, [join(import.meta.dirname, "serac-rollouts.ts"), ...args]);
      log("rollout: mini-swe-agent");
      const theirs = await runJson<PeerFigures>(python, [join(import.meta.dirname, "mini_peer.py"), ...args]);
      const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
      return [
        {
          what: `rollout steps, ${ROLLOUTS} at once on SymPy`,
          target: "> 150 steps/s",
          serac: `${(ours.steps / ours.seconds).toFixed(0)} steps/s`,
          peer: `mini-swe-agent, no sandbox: ${(theirs.steps / theirs.seconds).toFixed(0)} steps/s`,
        },
        {
          what: "memory a rollout, sandbox included",
          target: "< 25 MB",
          serac: mb((ours.rssPeak - ours.rssBefore + ours.sandboxRss) / ROLLOUTS),
          peer: `mini-swe-agent: ${mb((theirs.peakKiB * 1024) / ROLLOUTS)} of its process`,
        },
      ];
    } finally {
      teacher.kill();
    }
  },
};
