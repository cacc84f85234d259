import { execFile } from "node:child_process";
import { access, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOUD_FUNCTIONS, type CloudFunction } from "../../../core/config/cloud/names.ts";
import { SURVEY_ASSETS } from "../../../core/survey/assets.ts";
import { buildLambdas, type BuiltLambda } from "../../../scripts/build-lambdas.ts";
import { functionEnvironment } from "./environment.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const exec = promisify(execFile);
const MEGABYTE = 1_000_000;

let out: string;
let built: ReadonlyMap<CloudFunction, BuiltLambda>;
beforeAll(async () => {
  out = temporaryFolder();
  built = new Map((await buildLambdas(out)).map((lambda) => [lambda.name, lambda]));
}, 120_000);
afterAll(() => removeFolder(out));

describe.each(CLOUD_FUNCTIONS)("the bundle of %s", (name) => {
  test("is small, and has its maps elsewhere", async () => {
    expect(built.get(name)!.codeBytes).toBeLessThan(2.2 * MEGABYTE);
    const files = await readdir(join(out, name));
    expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
    await access(join(out, "maps", name, "index.mjs.map"));
    expect(await readFile(join(out, name, "index.mjs"), "utf8")).not.toContain("sourceMappingURL");
  });

  test("has everything with it: it loads in a folder of its own, without the repository's packages", async () => {
    const script = `
      globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: {} };
      const { handler } = await import(process.argv[1]);
      if (typeof handler !== "function") throw new Error("no handler");
    `;
    const { stderr } = await exec(process.execPath, ["--input-type=module", "-e", script, join(out, name, "index.mjs")], {
      cwd: tmpdir(),
      env: functionEnvironment(),
    });
    expect(stderr).toBe("");
  });
});

test("the worker, of which there are many, has less than two megabytes", () => {
  expect(built.get("worker")!.codeBytes).toBeLessThan(2 * MEGABYTE);
  expect(built.get("worker")!.assetBytes).toBeLessThan(1000);
});

test("only who needs them carries grammars, vocabulary and the parts of images", async () => {
  const assets = async (name: CloudFunction): Promise<string[]> => {
    const files = await readdir(join(out, name, "assets"), { recursive: true }).catch(() => []);
    return files.filter((file) => file.includes(".") || file.endsWith("Dockerfile")).toSorted();
  };
  expect(await assets("prepare")).toEqual(
    [...SURVEY_ASSETS.map((asset) => asset.name), "sandbox/Dockerfile", "sandbox/server.mjs"].toSorted(),
  );
  // Both export, which counts tokens.
  for (const name of ["finish", "train"] as const) expect(await assets(name)).toHaveLength(1);
  const others = CLOUD_FUNCTIONS.filter((name) => name !== "prepare" && name !== "finish" && name !== "train");
  expect((await Promise.all(others.map(assets))).flat()).toEqual([]);
});
