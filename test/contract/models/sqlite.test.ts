import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { DATABASE_FILE, openHome } from "../../../drivers/sqlite/index.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";
import { temporaryHome } from "../store/sqlite-home.ts";
import { runRecord } from "../store/sample-data.ts";
import { modelRecord } from "./model-record.ts";
import { modelStoreContract } from "./model-store-contract.ts";

modelStoreContract("sqlite", async (clock) => temporaryHome(clock));

test("a home from before there were models keeps its runs and takes models", async () => {
  const folder = temporaryFolder();
  const path = join(folder, ".serac");
  const before = openHome(path);
  await before.store.createRun(runRecord());
  before.close();
  const db = new DatabaseSync(join(path, DATABASE_FILE));
  db.exec("DROP TABLE models; PRAGMA user_version = 2");
  db.close();
  const after = openHome(path);
  await after.models.createModel(modelRecord());
  expect(await after.models.listModels()).toEqual([modelRecord()]);
  expect(await after.store.getRun("run1")).toEqual(runRecord());
  after.close();
  removeFolderSync(folder);
});
