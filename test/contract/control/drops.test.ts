import { describe, expect, test } from "vitest";
import { MAX_ARCHIVE_BYTES } from "../../../core/control/archive.ts";
import { handleDrop, handleStray } from "../../../core/control/drops.ts";
import { dropResultSchema } from "../../../core/control/drops/result.ts";
import { cancelRun } from "../../../core/control/cancel.ts";
import { resumeRun } from "../../../core/control/resume.ts";
import { TeacherError } from "../../../core/errors/index.ts";
import { loadConfig } from "../../../core/config/resolve.ts";
import { archiveOf, controlPlace, FILES, TEACHER, YAML, type Place } from "./support/place.ts";

const REPOSITORY = archiveOf(FILES);

async function drop(place: Place, files: Record<string, string>, name = "shop"): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await place.put(`drops/${name}/${file}`, content);
    await handleDrop(place.platform, name);
  }
}

const runs = async ({ platform }: Place) => platform.store.listRuns();

describe("a drop", () => {
  test.each([
    [["serac.yaml", "repo.tar.gz"], "Waiting for the repository in one archive"],
    [["repo.tar.gz", "serac.yaml"], "Waiting for serac.yaml."],
  ])("becomes a run when both files are there: %s", async (order, waiting) => {
    await using place = await controlPlace();
    const files: Record<string, string> = { "serac.yaml": YAML, "repo.tar.gz": REPOSITORY };
    await drop(place, { [order[0]!]: files[order[0]!]! });
    expect(await place.result("shop")).toMatchObject({ state: "waiting", run: null });
    expect((await place.result("shop")).message).toContain(waiting);
    await drop(place, { [order[1]!]: files[order[1]!]! });
    const [run] = await runs(place);
    expect(run).toMatchObject({ name: "shop", repository: "repo.tar.gz" });
    expect(await place.result("shop")).toMatchObject({ state: "accepted", run: { id: run!.id, state: "preparing" } });
    await place.drain();
    const result = await place.result("shop");
    expect(result).toMatchObject({
      state: "finished",
      notes: ["One note."],
      run: { id: run!.id, planned: 3, done: 3, accepted: 3, dataset: `datasets/${run!.id}` },
    });
    expect(result.message).toContain("3 of 3 samples are done, 3 accepted");
    expect(dropResultSchema.parse(result)).toEqual(result);
  });

  test("is one run however often its events come, also at once", async () => {
    await using place = await controlPlace();
    await place.put("drops/shop/serac.yaml", YAML);
    await place.put("drops/shop/repo.zip", REPOSITORY);
    await Promise.all(Array.from({ length: 5 }, () => handleDrop(place.platform, "shop")));
    await handleDrop(place.platform, "shop");
    expect(await runs(place)).toHaveLength(1);
    await place.drain();
    // The same content once more, after the end.
    await drop(place, { "repo.zip": REPOSITORY });
    await place.drain();
    expect(await runs(place)).toHaveLength(1);
    expect(await place.result("shop")).toMatchObject({ state: "finished" });
  });

  test("with new content is a new run, and has the word from then on", async () => {
    await using place = await controlPlace();
    await drop(place, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    await place.clock.advance(60_000);
    await drop(place, { "serac.yaml": JSON.stringify({ teacher: TEACHER, plan: { samples: 1 } }) });
    const [second, first] = await runs(place);
    expect(second!.id).not.toBe(first!.id);
    expect(await place.result("shop")).toMatchObject({ state: "accepted", run: { id: second!.id } });
    await place.drain();
    expect((await runs(place)).map(({ state }) => state)).toEqual(["finished", "finished"]);
    expect(await place.result("shop")).toMatchObject({ state: "finished", run: { id: second!.id, planned: 1 } });
    // Back to the first content: the run that was made of it.
    await drop(place, { "serac.yaml": YAML });
    expect(await place.result("shop")).toMatchObject({ state: "finished", run: { id: first!.id } });
  });

  test("that is refused after a run says so, and how the run goes on", async () => {
    await using place = await controlPlace();
    await drop(place, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    await drop(place, { "serac.yaml": "plan: { sample: 3 }" });
    expect(await place.result("shop")).toMatchObject({ state: "refused", code: "config_invalid", run: { state: "preparing" } });
    await place.drain();
    expect(await place.result("shop")).toMatchObject({ state: "refused", run: { state: "finished", accepted: 3 } });
    await drop(place, { "serac.yaml": YAML });
    expect(await place.result("shop")).toMatchObject({ state: "finished", code: null });
  });

  test("says how its run was paused, went on and was cancelled", async () => {
    await using place = await controlPlace();
    place.teacher.refuse = () => new TeacherError("teacher_auth", "The key was refused.", { status: 401, hint: "Renew it." });
    await drop(place, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    await place.drain();
    const [run] = await runs(place);
    const paused = await place.result("shop");
    expect(paused).toMatchObject({ state: "paused", run: { state: "paused" } });
    expect(paused.message).toContain("The teacher refuses to work: The key was refused. Renew it.");
    await resumeRun(place.platform, run!.id, { retryFailed: false });
    expect(await place.result("shop")).toMatchObject({ state: "accepted" });
    await cancelRun(place.platform, run!.id);
    expect(await place.result("shop")).toMatchObject({ state: "cancelled", run: { state: "cancelled" } });
    await place.drain();
    expect(await place.result("shop")).toMatchObject({ state: "cancelled" });
  });
});

describe("is refused", () => {
  const local = (settings: object): string => JSON.stringify({ teacher: TEACHER, ...settings });

  test.each([
    ["a mistake in serac.yaml", { "serac.yaml": "plan: { samples: many }" }, "config_invalid", "plan.samples: found"],
    ["an unknown key", { "serac.yaml": "plan: { sample: 3 }" }, "config_invalid", "did you mean plan.samples?"],
    ["no YAML", { "serac.yaml": "{" }, "config_invalid", "not valid YAML"],
    ["a huge serac.yaml", { "serac.yaml": " ".repeat(2 << 20) }, "config_invalid", "larger than 1 MB"],
    ["no teacher", { "serac.yaml": "plan: { samples: 3 }" }, "config_invalid", "teacher: no teacher is given"],
    [
      "a key of the local environment",
      { "serac.yaml": `teacher:\n  baseUrl: http://x/v1\n  model: m\n  apiKeyEnv: TEACHER_KEY\n` },
      "config_invalid",
      "serac.yaml:4:3: teacher.apiKeyEnv: names a variable of your machine",
    ],
    ["mounts", { "serac.yaml": local({ environment: { mounts: ["/opt/tools"] } }) }, "config_invalid", "environment.mounts"],
    [
      "a path of demonstrations",
      { "serac.yaml": local({ describe: { demonstrations: "issues.json" } }) },
      "config_invalid",
      "describe.demonstrations",
    ],
    [
      "two archives",
      { "a.zip": REPOSITORY, "b.tar.gz": REPOSITORY, "serac.yaml": YAML },
      "archive_format",
      "There are 2 archives: a.zip, b.tar.gz",
    ],
    ["an empty archive", { "serac.yaml": YAML, "repo.zip": "" }, "archive_unreadable", "repo.zip is empty"],
  ])("%s", async (_what, files, code, message) => {
    await using place = await controlPlace();
    await drop(place, files);
    const result = await place.result("shop");
    expect(result).toMatchObject({ state: "refused", code, run: null });
    expect(result.message).toContain(message);
    expect(await runs(place)).toEqual([]);
    // Mended, it is a run.
    for (const file of ["a.zip", "b.tar.gz"]) await place.platform.artifacts.remove(`drops/shop/${file}`);
    await drop(place, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    expect(await place.result("shop")).toMatchObject({ state: "accepted", code: null });
  });

  test("in the words of the command line", async () => {
    await using place = await controlPlace();
    const text = "plan:\n  samples: many\n  perFunction: 0\n";
    await drop(place, { "serac.yaml": text });
    let said: unknown;
    try {
      loadConfig(text, "serac.yaml");
    } catch (error) {
      said = error;
    }
    expect(await place.result("shop")).toMatchObject({ message: (said as Error).message, hint: (said as { hint: string }).hint });
  });

  test("an archive that is too large, before any of it is read", async () => {
    await using place = await controlPlace();
    const factsOf = place.platform.factsOf.bind(place.platform);
    const large: Place = {
      ...place,
      platform: {
        ...place.platform,
        factsOf: async (key) => (key.endsWith(".zip") ? { bytes: MAX_ARCHIVE_BYTES + 1, version: "v" } : factsOf(key)),
      },
    };
    await drop(large, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    expect(await place.result("shop")).toMatchObject({ state: "refused", code: "archive_too_large" });
    expect(await runs(place)).toEqual([]);
  });

  test("an unpacked repository", async () => {
    await using place = await controlPlace();
    for (let n = 0; n < 250; n++) await place.put(`drops/shop/file${n}.py`, "x");
    await drop(place, { "serac.yaml": YAML });
    expect(await place.result("shop")).toMatchObject({ state: "refused", code: "archive_format" });
  });

  test("an unpacked repository of few folders and very many files", async () => {
    await using place = await controlPlace();
    const list = place.platform.artifacts.list.bind(place.platform.artifacts);
    let listed = 0;
    const large: Place = {
      ...place,
      platform: {
        ...place.platform,
        artifacts: {
          ...place.platform.artifacts,
          async *list(prefix) {
            for await (const key of list(prefix)) yield key;
            for (let at = 0; at < 1_000_000; at++, listed++) yield `${prefix}${at % 2 === 0 ? ".git" : "src"}/file${at}.py`;
          },
        },
      },
    };
    await drop(large, { "serac.yaml": YAML });
    expect(await place.result("shop")).toMatchObject({ state: "refused", code: "archive_format" });
    expect(listed).toBeLessThan(20_000);
  });

  test("a name that cannot be one, and a file without a folder, which is told beside the drops", async () => {
    await using place = await controlPlace();
    const told = async () =>
      dropResultSchema.parse(JSON.parse(Buffer.from(await place.platform.artifacts.get("drops/result.json")).toString()));
    for (const name of ["", "..", "a b", "x".repeat(64), ".hidden", "\u202ename"]) {
      await expect(handleDrop(place.platform, name)).rejects.toMatchObject({ code: "usage" });
      expect(await told()).toMatchObject({ state: "refused", code: "usage", message: expect.stringContaining("is no name for a drop") });
      await place.platform.artifacts.remove("drops/result.json");
    }
    await handleStray(place.platform, "drops/repo.tar.gz");
    expect(await told()).toMatchObject({
      message: "drops/repo.tar.gz lies in no folder of its own.",
      hint: expect.stringContaining("drops/<name>/"),
    });
  });
});

describe("what somebody put in the place of a report", () => {
  const chunk = Buffer.alloc(1 << 16, " ");

  test.each([
    ["no report", "<html>"],
    ["the report of another version", JSON.stringify({ schema: "serac.drop/9", state: "finished" })],
    ["gigabytes", null],
  ])("%s is overwritten", async (_what, content) => {
    await using place = await controlPlace();
    const { artifacts } = place.platform;
    let given = 0;
    let isOverwritten = false;
    const platform: Place["platform"] = {
      ...place.platform,
      artifacts: {
        ...artifacts,
        put: async (key, bytes) => {
          if (key.endsWith("result.json")) isOverwritten = true;
          await artifacts.put(key, bytes);
        },
        async *stream(key) {
          const isGigabytes = content === null && !isOverwritten && key.endsWith("result.json");
          if (!isGigabytes) yield* artifacts.stream(key);
          const mostBytes = isGigabytes ? 4 * 2 ** 30 : 0;
          for (; given < mostBytes; given += chunk.length) yield chunk;
        },
      },
    };
    await place.put("drops/shop/result.json", content ?? "");
    await drop({ ...place, platform }, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    expect(await place.result("shop")).toMatchObject({ state: "accepted" });
    expect(given).toBeLessThan(4 * 2 ** 20);
    await place.drain();
    expect(await place.result("shop")).toMatchObject({ state: "finished" });
  });
});

describe("what is found later", () => {
  test("an archive that nobody can open fails the run, in words for the user", async () => {
    await using place = await controlPlace();
    await drop(place, { "serac.yaml": YAML, "repo.zip": "garbage" });
    await place.drain();
    expect(await place.result("shop")).toMatchObject({ state: "failed", run: { detail: "That is no archive. Make one." } });
  });

  test("an archive that was replaced before it was read fails the run of the old one alone", async () => {
    await using place = await controlPlace();
    await drop(place, { "serac.yaml": YAML, "repo.zip": REPOSITORY });
    await place.clock.advance(1000);
    await drop(place, { "repo.zip": archiveOf({ ...FILES, "src/more.py": "def more(a):\n    b = a\n    return b\n" }) });
    await place.drain();
    const [second, first] = await runs(place);
    expect(first).toMatchObject({ state: "failed", detail: expect.stringContaining("repo.zip was replaced") });
    expect(second).toMatchObject({ state: "finished", functions: 2 });
    expect(await place.result("shop")).toMatchObject({ state: "finished", run: { id: second!.id } });
  });

  test("what is not used is noted", async () => {
    await using place = await controlPlace();
    const settings = { teacher: TEACHER, repo: { source: "../shop" }, rollout: { sandbox: "bubblewrap" }, plan: { samples: 1 } };
    await drop(place, { "serac.yaml": JSON.stringify(settings), "repo.zip": REPOSITORY });
    expect((await place.result("shop")).notes.join(" ")).toMatch(/repo\.source is not used.*rollout\.sandbox is not used/);
  });
});
