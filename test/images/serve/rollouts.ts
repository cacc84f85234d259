import type { Journal, JournalEntry } from "../../../core/agent/journal.ts";
import { runRollout } from "../../../core/agent/rollout.ts";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import { chooseSandbox } from "../../../cli/platform.ts";
import { configSchema } from "../../../core/config/schema.ts";
import { systemClock } from "../../../core/errors/clock.ts";
import { sandboxLimits } from "../../../core/svg/sandbox-limits.ts";
import { openRepository } from "../../../drivers/git/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import { exampleRepository, scratch } from "../../e2e/serac.ts";
import type { Sample } from "./samples.ts";

interface Replayed {
  readonly sample: Sample;
  readonly trajectory: Trajectory;
}

const METER = { reserve: () => Promise.resolve(), settle: () => Promise.resolve(), release: () => Promise.resolve() };

/**
 * Second rollouts on the example repository, as a run makes them, with a teacher at `url`: the pull request of each sample, and as many
 * replies as were trained on.
 */
export async function replayRollouts(
  samples: readonly Sample[],
  teacherAt: { readonly url: string; readonly model: string },
): Promise<readonly Replayed[]> {
  await using folder = await scratch();
  const config = configSchema.parse({ teacher: { baseUrl: teacherAt.url, model: teacherAt.model, temperature: 0, maxOutputTokens: 1000 } });
  const { provider } = await chooseSandbox(config, null);
  const teacher = createOpenAiTeacher({ config: config.teacher! });
  try {
    const limits = sandboxLimits(config);
    const source = await openRepository(await exampleRepository(folder.path));
    const base = await provider.prepare({ source, directory: `${folder.path}/sandbox`, install: [], timeoutMs: 60_000, limits });
    const deps = { teacher, sandbox: provider, clock: systemClock, meter: METER };
    const replayed: Replayed[] = [];
    for (const sample of samples) {
      const spec = {
        ...({ rolloutId: sample.where, toolset: "mini", task: { kind: "pull_request", text: sample.pullRequest! } } as const),
        ...{ limits: { ...config.rollout, maxCalls: sample.replies.length }, temperature: 0, maxOutputTokens: 1000 },
        ...{ price: { input: 0, output: 0 }, base, sandboxLimits: limits },
      };
      const outcome = await runRollout(spec, { ...deps, journal: memoryJournal() });
      if (outcome.outcome !== "done") throw new Error(`${sample.where}: ${outcome.outcome}`);
      replayed.push({ sample, trajectory: outcome.trajectory });
    }
    return replayed;
  } finally {
    await teacher.close();
    await provider.close();
  }
}

function memoryJournal(): Journal {
  const entries: JournalEntry[] = [];
  return {
    append: (_stream, n, entry) => {
      entries[n] = entry;
      return Promise.resolve();
    },
    read: () => Promise.resolve(entries),
    visit: (_stream, see) => Promise.resolve(entries.forEach(see)),
  };
}
