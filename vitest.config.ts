import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What `expect.poll` waits for may take a while on a busy machine; it goes on as soon as it is there. */
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    // One worker, which is what two cores would get, leaves half of them idle while a test waits for its servers.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default", "./test/summary-reporter.ts"],
    projects: [
      // Unit tests keep no state between files, so they may share a process: it halves their time.
      { test: { name: "unit", expect, include: ["test/unit/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 20_000, isolate: false } },
      { test: { name: "contract", expect, include: ["test/contract/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
      { test: { name: "images", expect, include: ["test/images/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 900_000 } },
      {
        test: {
          name: "e2e",
          expect,
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
