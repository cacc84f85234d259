import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What no installation changes: some tests need root, others need not to be root. Anything else that is missing is a failure in CI. */
const EXCUSES = [/^needs root/, /^root /];

/** Ends a test run with each skipped test and its reason, and one line that any tool can read: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const of = (state: string): TestCase[] => tests.filter((test) => test.result().state === state);
    const broken = modules.filter((module) => module.state() === "failed" && [...module.children.allTests()].length === 0).length;
    // A name or a tag that a person asks for leaves out the rest without a word.
    const isWhole = process.argv.every((word) => !/^(-t|--testNamePattern)/.test(word));
    const skipped = isWhole ? of("skipped") : [];
    for (const test of skipped) console.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${reasonOf(test)}`);
    const missing = skipped.filter((test) => !EXCUSES.some((excuse) => excuse.test(reasonOf(test))));
    if (process.env["CI"] !== undefined && missing.length > 0) {
      console.log(`${missing.length} tests were skipped because something is missing here; in CI that is a failure.`);
      process.exitCode = 1;
    }
    console.log(`${of("passed").length} passed, ${of("failed").length + broken} failed, ${skipped.length} skipped`);
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" && result.note !== undefined ? result.note : "no reason given";
}
