import { expect, test } from "vitest";
import { queuesOfDeadLetters } from "../../../lambdas/bury/dead-letters.ts";

test("a queue of dead letters is known by its name", () => {
  const urls = (name: string): { url: string; deadUrl: string } => ({
    url: `https://q/1/${name}`,
    deadUrl: `https://q/1/serac-${name}-dead`,
  });
  const queues = { prepare: urls("prepare"), work: urls("work"), finish: urls("finish"), train: urls("train") };
  const found = queuesOfDeadLetters({ table: "t", bucket: "b", version: "1", queues });
  expect([...found]).toEqual([
    ["serac-prepare-dead", "prepare"],
    ["serac-work-dead", "work"],
    ["serac-finish-dead", "finish"],
    ["serac-train-dead", "train"],
  ]);
});
