import { execFile } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OBSERVATION_PREFIX } from "../../../core/agent/observation.ts";
import { runRollout } from "../../../core/agent/rollout.ts";
import type { BaseSnapshot } from "../../../core/agent/sandbox.ts";
import type { Task } from "../../../core/agent/toolset.ts";
import { TOOLSETS, configSchema } from "../../../core/config/schema.ts";
import { createOpenAiTeacher, type OpenAiTeacher } from "../../../drivers/openai/index.ts";
import { startRehearsalTeacher, type RehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { openHome, type Home } from "../../../drivers/sqlite/index.ts";
import { LIMITS } from "../../unit/agent/support/limits.ts";
import { ledger, steppedClock } from "../../unit/agent/support/platform.ts";
import { SANDBOX_LIMITS, workbench, type Files, type Workbench } from "../../unit/agent/support/repository.ts";
import { SANDBOX_DRIVERS } from "./drivers.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const run = promisify(execFile);

const FILES: Files = {
  "shop/cart.py": `"""A cart."""


class Cart:
    def __init__(self):
        self.lines = []

    def add(self, name, price, count=1):
        self.lines.append((name, price, count))
        return len(self.lines)

    def total(self, discount=0):
        total = 0
        for _, price, count in self.lines:
            total = total + price * count
        return total - discount
`,
  "tests/test_cart.py": "def test_total():\n    assert True\n",
};
const TASK: Task = {
  kind: "complaint",
  functionName: "Cart.total",
  path: "shop/cart.py",
  complaint:
    "Something about edge cases is wrong around the function `Cart.total` in `shop/cart.py`; the cause may lie up- or downstream of it.",
};
const SEEDS = [1, 2, 3];

let directory: string;
let home: Home;
let server: RehearsalTeacher;
let teacher: OpenAiTeacher;
beforeAll(async () => {
  directory = temporaryFolder();
  home = openHome(join(directory, "home"));
  server = await startRehearsalTeacher({ seed: 1 });
  teacher = createOpenAiTeacher({ config: configSchema.parse({ teacher: { baseUrl: server.url, model: server.model } }).teacher! });
});
afterAll(async () => {
  await teacher.close();
  await server.close();
  home.close();
  await removeFolder(directory);
});

/** The tree after `git apply` of the patch, by real git. */
async function applied(patch: string): Promise<string> {
  const tree = await mkdtemp(join(directory, "apply-"));
  await run("mkdir", ["-p", join(tree, "shop"), join(tree, "tests")]);
  for (const [path, content] of Object.entries(FILES)) await writeFile(join(tree, path), content);
  await writeFile(join(tree, "x.patch"), patch);
  await run("git", ["apply", "--whitespace=nowarn", "x.patch"], { cwd: tree });
  return readFile(join(tree, "shop/cart.py"), "utf8");
}

describe.each(SANDBOX_DRIVERS)("rollouts in $name", ({ name, missing, create }) => {
  describe.skipIf(missing !== null)(`here${missing === null ? "" : `: ${missing}`}`, () => {
    let bench: Workbench;
    let base: BaseSnapshot;
    beforeAll(async () => {
      bench = workbench(await create());
      base = await bench.prepare(FILES);
    });
    afterAll(() => bench.close());

    const cases = TOOLSETS.flatMap((toolset) => SEEDS.map((seed) => ({ toolset, seed })));
    it.each(cases)("$toolset, rollout $seed: ends in a submission whose patch real git applies", async ({ toolset, seed }) => {
      const rolloutId = `${name}-${toolset}-${seed}`;
      const meter = ledger();
      const result = await runRollout(
        {
          rolloutId,
          toolset,
          task: TASK,
          limits: { ...LIMITS, maxCalls: 60 },
          temperature: 0.6,
          price: { input: 1, output: 2 },
          base,
          sandboxLimits: SANDBOX_LIMITS,
        },
        { teacher, sandbox: bench.provider, journal: home.journal, meter, clock: steppedClock() },
      );
      if (result.outcome !== "done") throw new Error("the rollout did not end");
      const { trajectory } = result;
      expect(trajectory.exitStatus).toBe("submitted");
      expect(trajectory.rehearsal).toBe(true);
      expect(trajectory.patch).toMatch(/^diff --git a\/shop\/cart\.py b\/shop\/cart\.py\n/);
      expect(await applied(trajectory.patch)).not.toBe(FILES["shop/cart.py"]);
      const last = trajectory.steps.at(-1)!.observations.at(-1)!.content;
      expect(last).toBe(toolset === "swe-agent" ? OBSERVATION_PREFIX + trajectory.patch : last);
      expect([...meter.settled.values()].reduce((sum, each) => sum + each, 0)).toBe(trajectory.costMicroUsd);
      expect(meter.reserved.size).toBe(0);
    });
  });
});
