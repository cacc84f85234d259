import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InputError } from "../../../core/errors/index.ts";
import { connect } from "../../../drivers/sqlite/connection.ts";
import { DATABASE_FILE, openHome } from "../../../drivers/sqlite/index.ts";
import { migrate } from "../../../drivers/sqlite/migrate.ts";
import { MIGRATIONS } from "../../../drivers/sqlite/schema.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, ".serac");
});
afterEach(() => {
  chmodSync(folder, 0o700);
  removeFolderSync(folder);
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof InputError ? error.code : String(error);
  }
}

const versionOf = (db: DatabaseSync): unknown => db.prepare("PRAGMA user_version").get()?.["user_version"];

test("a new home is private, invisible to git, and can be opened again and twice at once", async () => {
  openHome(path).close();
  expect(readFileSync(join(path, ".gitignore"), "utf8")).toBe("*\n");
  expect(statSync(path).mode & 0o077).toBe(0);
  execFileSync("git", ["init", "-q", folder]);
  expect(execFileSync("git", ["-C", folder, "status", "--porcelain"]).toString()).toBe("");
  const [one, two] = [openHome(path), openHome(path)];
  expect(await two.store.listRuns()).toEqual([]);
  one.close();
  two.close();
  two.close();
});

test("a home from a newer version is refused, names both versions, and is left alone", () => {
  openHome(path).close();
  const db = new DatabaseSync(join(path, DATABASE_FILE));
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => openHome(path)).toThrow(new RegExp(`version 99; .* up to ${MIGRATIONS.length}`));
  expect(codeOf(() => openHome(path))).toBe("home_newer");
  const after = new DatabaseSync(join(path, DATABASE_FILE));
  expect(versionOf(after)).toBe(99);
  after.close();
});

test("an older home is migrated step by step; a step that fails leaves the old version whole", () => {
  mkdirSync(path);
  const file = join(path, DATABASE_FILE);
  const open = () => connect(file, { durable: false });
  const steps = [
    (db: DatabaseSync) => db.exec("CREATE TABLE a (x)"),
    (db: DatabaseSync) => db.exec("ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)"),
  ];
  const first = open();
  migrate(first, path, steps.slice(0, 1));
  const broken = [
    ...steps,
    () => {
      throw new Error("step failed");
    },
  ];
  expect(() => migrate(first, path, broken)).toThrow("step failed");
  expect(versionOf(first.db)).toBe(1);
  expect(() => first.db.prepare("SELECT y FROM a")).toThrow(/no such column/);
  migrate(first, path, steps);
  migrate(first, path, steps);
  expect(versionOf(first.db)).toBe(2);
  expect(first.db.prepare("SELECT count(*) AS n FROM a").get()).toEqual({ n: 1 });
  expect(codeOf(() => migrate(first, path, steps.slice(0, 1)))).toBe("home_newer");
  first.close();
});

test("what is no home is refused with the path in the message, and not touched", () => {
  mkdirSync(path);
  const file = join(path, DATABASE_FILE);
  writeFileSync(file, "this is not a database, but it is long enough to have a header ".repeat(20));
  const before = readFileSync(file);
  expect(codeOf(() => openHome(path))).toBe("home_unusable");
  expect(() => openHome(path)).toThrow(file);
  expect(readFileSync(file).equals(before)).toBe(true);

  rmSync(file);
  const foreign = new DatabaseSync(file);
  foreign.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  foreign.close();
  expect(codeOf(() => openHome(path))).toBe("home_unusable");
  const after = new DatabaseSync(file);
  expect(after.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "theirs" }]);
  after.close();
});

test("a file, a link to nowhere or a folder in place of the database cannot be a home", () => {
  writeFileSync(path, "");
  expect(codeOf(() => openHome(path))).toBe("home_unusable");
  expect(codeOf(() => openHome(join(path, "below")))).toBe("home_unusable");
  const dangling = join(folder, "dangling");
  symlinkSync(join(folder, "nowhere"), dangling);
  expect(codeOf(() => openHome(dangling))).toBe("home_unusable");
  const odd = join(folder, "odd");
  mkdirSync(join(odd, DATABASE_FILE), { recursive: true });
  expect(codeOf(() => openHome(odd))).toBe("home_unusable");
});

test("a read-only folder cannot be a home", ({ skip }) => {
  skip(process.getuid?.() === 0, "root may write to read-only folders");
  chmodSync(folder, 0o500);
  expect(codeOf(() => openHome(path))).toBe("home_unusable");
  expect(existsSync(path)).toBe(false);
});

test("a full disk is a clear error, loses nothing that was committed, and passes", async () => {
  const home = openHome(path);
  const full = connect(join(path, DATABASE_FILE), { durable: false });
  full.db.exec("CREATE TABLE ballast (x); PRAGMA max_page_count = 1");
  expect(codeOf(() => full.transaction(() => full.db.prepare("INSERT INTO ballast VALUES (zeroblob(10000000))").run()))).toBe("disk_full");
  expect(full.db.prepare("SELECT count(*) AS n FROM ballast").get()).toEqual({ n: 0 });
  full.db.exec("PRAGMA max_page_count = 1000000");
  full.transaction(() => full.db.prepare("INSERT INTO ballast VALUES (zeroblob(10000000))").run());
  full.close();
  expect(await home.store.listRuns()).toEqual([]);
  home.close();
});

test("a plan of 20,000 samples is counted without reading it", async () => {
  const home = openHome(path);
  const { runRecord, sampleRecord } = await import("../../contract/store/sample-data.ts");
  await home.store.createRun(runRecord());
  await home.store.addSamples(Array.from({ length: 20_000 }, (_, i) => sampleRecord(i)));
  expect(await home.store.countSamples("run1")).toEqual([{ state: "planned", reason: null, samples: 20_000 }]);
  const db = new DatabaseSync(join(path, DATABASE_FILE));
  const steps = db
    .prepare("EXPLAIN QUERY PLAN SELECT state, reason, samples FROM sample_counts WHERE run_id = ? AND samples > 0")
    .all("run1");
  expect(JSON.stringify(steps)).toContain("USING PRIMARY KEY");
  db.close();
  home.close();
});
