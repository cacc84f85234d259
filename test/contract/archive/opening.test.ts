import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, createWriteStream, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { threadId } from "node:worker_threads";
import { createGzip, gzipSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { surveyRepository } from "../../../core/survey/repository-survey.ts";
import { MAX_ARCHIVE_BYTES } from "../../../core/control/archive.ts";
import { ARCHIVE_LIMITS, createArchives } from "../../../drivers/archive/index.ts";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { git, list, newFolder, open as openFolder } from "../repository/fixture.ts";
import { TAR_END, tarItem, tarOf, zipOf } from "./bytes.ts";
import { inPieces, open } from "./open.ts";

const RULES = { include: [], exclude: [], languages: [], skipTests: true, skipGenerated: true, skipVendored: true, maxFileMb: 2 };

test("a survey finds the same functions in the same order as in the repository itself", async () => {
  const folder = newFolder();
  cpSync(resolve(import.meta.dirname, "../../examples/parcels"), folder, { recursive: true });
  cpSync(resolve(import.meta.dirname, "../../../core"), join(folder, "core"), { recursive: true });
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "All");
  const expected = await surveyRepository(await openFolder(folder), RULES);
  expect(expected.functions.length).toBeGreaterThan(300);
  const make = (...args: string[]): Buffer =>
    execFileSync("git", args, { cwd: folder, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"] });
  for (const bytes of [
    make("archive", "--format=tar.gz", "--prefix=top/", "HEAD"),
    make("archive", "--format=zip", "HEAD"),
    make("bundle", "create", "-q", "-", "HEAD"),
  ]) {
    expect(await surveyRepository(await open(bytes), RULES)).toEqual(expected);
  }
});

test("an archive that the control plane lets through is not too large here", () => {
  expect(ARCHIVE_LIMITS.archiveBytes).toBe(MAX_ARCHIVE_BYTES);
});

describe("the store", () => {
  test("gives the archive; one that is not there is missing", async () => {
    const parent = newFolder();
    const artifacts = await openFileArtifacts(join(parent, "artifacts"));
    await artifacts.put("drops/a/repo.tar.gz", gzipSync(tarOf({ name: "a.py", content: "a" })));
    const archives = createArchives({ artifacts, folder: join(parent, "new/work") });
    const source = await archives.open("drops/a/repo.tar.gz", { commit: "HEAD", origin: "a" });
    expect((await list(source)).map((file) => file.path)).toEqual(["a.py"]);
    expect(source.origin).toBe("a");
    expect(readdirSync(join(parent, "new/work"))).toHaveLength(1);
    await source.close();
    await source.close();
    await expect(archives.open("drops/b/repo.zip", { commit: "HEAD", origin: "b" })).rejects.toMatchObject({ code: "artifact_missing" });
    expect(readdirSync(join(parent, "new/work"))).toEqual([]);
  });

  test("may break off: its own error comes through, and nothing is left", async () => {
    const parent = newFolder();
    const broken = new Error("The line is down.");
    let isClosed = false;
    for (const head of [
      gzipSync(Buffer.concat([tarItem({ name: "a", content: Buffer.alloc(9000) })])),
      zipOf([{ name: "a" }]),
      Buffer.from("# v2 git bundle\n\nPACK"),
    ]) {
      const stream = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield head.subarray(0, head.length - 30);
          yield head.subarray(head.length - 30, head.length - 20);
          throw broken;
        } finally {
          isClosed = true;
        }
      };
      const archives = createArchives({ artifacts: { stream }, folder: parent });
      await expect(archives.open("k", { commit: "HEAD", origin: "o" })).rejects.toBe(broken);
      expect([isClosed, readdirSync(parent)]).toEqual([true, []]);
    }
  });

  test("is let go at once when a limit is reached", async () => {
    let given = 0;
    let isClosed = false;
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield tarItem({ name: "a", size: 1 << 30 }).subarray(0, 512);
        for (; given < 1000; given++) yield Buffer.alloc(1 << 16);
      } finally {
        isClosed = true;
      }
    };
    const archives = createArchives({ artifacts: { stream }, folder: newFolder(), limits: { archiveBytes: 1 << 20 } });
    await expect(archives.open("k", { commit: "HEAD", origin: "o" })).rejects.toMatchObject({ code: "archive_too_large" });
    expect([given < 40, isClosed]).toEqual([true, true]);
  });
});

test("what a killed process has left is removed, and nothing else", async () => {
  const folder = newFolder();
  const dead = spawnSync("true").pid;
  const names = [
    `archive-${dead}-0-abcdef`,
    `archive-${process.pid}-${threadId}-abcdef`,
    `archive-${process.ppid}-0-abcdef`,
    "archive-notes",
    "other",
  ];
  for (const name of names) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "contents"), "x");
  }
  const stream = (): AsyncIterable<Uint8Array> => inPieces(tarOf({ name: "a.py" }), 99);
  const source = await createArchives({ artifacts: { stream }, folder }).open("k", { commit: "HEAD", origin: "o" });
  await source.close();
  expect(readdirSync(folder).toSorted()).toEqual(names.slice(2).toSorted());
});

describe("an abort", () => {
  test.each(["tar", "zip", "bundle"])("ends the reading of a %s with its reason and leaves nothing", async (kind) => {
    const folder = newFolder();
    writeFileSync(join(folder, "a.py"), "a");
    git(folder, "init", "-q");
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "All");
    const args = kind === "bundle" ? ["bundle", "create", "-q", "-", "HEAD"] : ["archive", `--format=${kind}`, "HEAD"];
    const bytes = execFileSync("git", args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const reason = new Error("Enough.");
    await expect(open(bytes, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const parent = newFolder();
    const controller = new AbortController();
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, bytes.length / 2);
      controller.abort(reason);
      yield bytes.subarray(bytes.length / 2);
    };
    const archives = createArchives({ artifacts: { stream }, folder: parent });
    await expect(archives.open("k", { commit: "HEAD", origin: "o", signal: controller.signal })).rejects.toBe(reason);
    expect(readdirSync(parent)).toEqual([]);
  });
});

const WORKER = join(import.meta.dirname, "open-worker.ts");

interface WorkerAnswer {
  readonly files?: number;
  readonly code?: string;
  readonly message?: string;
  readonly left: readonly string[];
  readonly beforeMb: number;
  readonly peakMb: number;
}

function openElsewhere(archive: string, folder: string, ...walls: string[]): WorkerAnswer {
  const { stdout, stderr } = spawnSync("env", [...walls, process.execPath, WORKER, archive, folder], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as WorkerAnswer;
}

test("a full disk is said to be full, and is given back", () => {
  const folder = newFolder();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const files = Array.from({ length: 40 }, (_, i) => ({ name: `f${i}.bin`, content: Buffer.alloc(100_000, i) }));
  const repository = newFolder();
  files.forEach(({ name }, i) =>
    writeFileSync(join(repository, name), Array.from({ length: 20_000 }, (_, k) => (k * 7919 + i) ** 2).join()),
  );
  execFileSync(
    "sh",
    ["-c", "git init -q && git add -A && git -c user.name=a -c user.email=a@b.org commit -qm x && git bundle create -q x.bundle HEAD"],
    { cwd: repository },
  );
  const archives = { tar: tarOf(...files), zip: zipOf(files) };
  for (const [kind, bytes] of Object.entries(archives)) writeFileSync(join(folder, kind), bytes);
  for (const archive of [join(folder, "tar"), join(folder, "zip"), join(repository, "x.bundle")]) {
    const answer = openElsewhere(archive, disk, "bwrap", "--dev-bind", "/", "/", "--size", "1000000", "--tmpfs", disk);
    expect(answer).toMatchObject({ code: "archive_too_large", left: [] });
    expect(answer.message).toContain("no room on the disk");
  }
});

test("a hundred thousand small files", async () => {
  const folder = newFolder();
  const items = Array.from({ length: 100_000 }, (_, i) => ({ name: `d${i % 500}/s${i % 7}/f${i}.py`, content: `x = ${i}\n` }));
  const tar = join(folder, "tar.gz");
  writeFileSync(tar, gzipSync(tarOf(...items), { level: 1 }));
  expect(openElsewhere(tar, folder)).toMatchObject({ files: 100_000 });
  const zip = join(folder, "zip");
  writeFileSync(zip, zipOf(items.slice(0, 60_000).map((item) => ({ ...item, method: 0 }))));
  expect(openElsewhere(zip, folder)).toMatchObject({ files: 60_000 });
});

test("memory stays flat, however large a file is", async () => {
  const folder = newFolder();
  const archive = join(folder, "large.tar.gz");
  const noise = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 2_654_435_761) >>> 24));
  async function* large(): AsyncGenerator<Uint8Array> {
    yield tarItem({ name: "large.bin", size: 300 << 20 }).subarray(0, 512);
    for (let i = 0; i < 300; i++) yield noise;
    yield TAR_END;
  }
  await pipeline(large, createGzip({ level: 1 }), createWriteStream(archive));
  const { files, beforeMb, peakMb } = openElsewhere(archive, folder);
  expect(files).toBe(1);
  expect(peakMb - beforeMb).toBeLessThan(120);
});
