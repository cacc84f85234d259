import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CACHE, goModule, npmPackage, output, pythonSdist } from "../contract/survey/packages.ts";
import { jsonLines, scratch, serac } from "./serac.ts";

/** Source packages of the registries, one a language that the rehearsal teacher edits. */
const REPOSITORIES = [
  ["Python", () => pythonSdist("attrs", "24.3.0"), "python"],
  ["TypeScript", () => npmPackage("rxjs", "7.8.1"), "typescript"],
  ["Go", () => goModule("github.com/spf13/cobra", "v1.8.1"), "go"],
] as const;

it.each(REPOSITORIES)("a real repository in %s becomes a dataset", async (_language, fetchSource, language) => {
  await using folder = await scratch();
  const repo = join(folder.path, "repo");
  await mkdir(CACHE, { recursive: true });
  await cp(await fetchSource(), repo, { recursive: true });
  // Go keeps its modules read-only, and the scratch folder has to go again.
  await output("chmod", ["-R", "u+w", repo]);
  const flags = ["--rehearse", "--samples", "8", "--seed", "7", "--set", `survey.languages=["${language}"]`, "--json"];
  const result = await serac(["run", repo, ...flags], { cwd: folder.path });
  expect(result.code, result.stderr).toBe(0);
  const events = jsonLines(result.stdout);
  expect(events.at(-1)).toMatchObject({ event: "finished", state: "finished", done: 8, failed: 0, rehearsal: true });
  expect(events.at(-1)!["accepted"]).toBeGreaterThan(0);
});
