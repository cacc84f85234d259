import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const once = fileURLToPath(new URL("detect-once.ts", import.meta.url));
const detection = await detectBubblewrap();
const canForbid = spawnSync("unshare", ["-Ur", "true"]).status === 0;

describe("whether bubblewrap works here", () => {
  let bin: string;
  beforeEach(() => {
    bin = temporaryFolder();
  });
  afterEach(() => {
    removeFolderSync(bin);
  });
  const detect = (searchPath: string): unknown =>
    JSON.parse(spawnSync(process.execPath, [once], { env: { PATH: searchPath, TMPDIR: bin }, encoding: "utf8" }).stdout);

  test("is no, with the package's name, when it is not installed", () => {
    expect(detect(bin)).toEqual({ available: false, reason: expect.stringContaining("package `bubblewrap`") });
  });

  test.skipIf(!detection.available)("is no, with the missing program, when git is not installed", () => {
    symlinkSync("/usr/bin/bwrap", path.join(bin, "bwrap"));
    expect(detect(bin)).toEqual({ available: false, reason: "git is not installed" });
  });

  test.skipIf(!detection.available)("is no, with the version that is needed, when it is too old", () => {
    const script = '#!/bin/sh\ncase "$*" in --version) exit 0 ;; esac\necho "bwrap: Unknown option --as-pid-1" >&2\nexit 1\n';
    writeFileSync(path.join(bin, "bwrap"), script, { mode: 0o755 });
    expect(detect(`${bin}:${process.env["PATH"]}`)).toEqual({ available: false, reason: expect.stringContaining("0.8.0 or newer") });
  });

  test.skipIf(!detection.available || !canForbid)("is no, with what bwrap says, when user namespaces are forbidden", () => {
    const script = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$1"';
    const { stdout } = spawnSync("unshare", ["-Ur", "sh", "-c", script, process.execPath, once], { encoding: "utf8" });
    expect(JSON.parse(stdout)).toEqual({ available: false, reason: expect.stringMatching(/namespace/) });
  });
});
