import { expect, test } from "vitest";
import { InputError } from "../../../../core/errors/index.ts";
import { chooseEnforcement, resourceLimits } from "../../../../drivers/bubblewrap/enforcement.ts";
import { agentEnvironment, describeSystem } from "../../../../drivers/bubblewrap/system-view.ts";

test("the search path keeps what can be seen inside, in order, and ends with the usual places", () => {
  const { path } = describeSystem([], "/home/someone/bin:/usr/sbin:relative::/usr/bin:/usr/no-such-folder:/root/.cargo/bin:/usr/../root");
  expect(path.split(":")).toEqual([
    "/home/agent/.local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/sbin",
    "/bin",
  ]);
});

test("mounts are checked, with the rule in the hint", () => {
  for (const bad of [
    "",
    "relative/path",
    "/",
    "//",
    "/proc/self",
    "/tmp/x",
    "/testbed",
    "/etc",
    "/no/such/folder",
    "/usr/bin/env",
    "/home",
  ]) {
    expect(() => describeSystem([bad], ""), bad).toThrow(InputError);
  }
  expect(describeSystem(["/usr/share/"], "").mounts).toEqual(["/usr/share"]);
});

test("a new session's environment names no place of the host's", () => {
  const environment = agentEnvironment("/usr/bin");
  expect(environment).toMatchObject({ PATH: "/usr/bin", HOME: "/home/agent", PAGER: "cat", LC_ALL: "C.UTF-8", TERM: "dumb" });
  for (const value of Object.values(environment)) expect(value).not.toContain(process.env["HOME"] === "/" ? "\0" : process.env["HOME"]);
});

test("limits are kept by what the machine has", () => {
  const limits = { memoryMb: 100, processes: 50, diskMb: 10, fileMb: 5 };
  const groups = { limits: ["memory", "processes"] as const, create: () => ({ joinFiles: [], remove: () => Promise.resolve() }) };
  const full = chooseEnforcement(groups, "5.10.0");
  expect(full).toMatchObject({ memory: "control group", processes: "control group" });
  expect(resourceLimits(full, limits)).toContain("-f 5120");
  expect(resourceLimits(full, limits).join(" ")).not.toContain("-d");
  expect(chooseEnforcement(null, "6.14.0-generic")).toMatchObject({ memory: "watchdog", processes: "process namespace" });
  const bare = chooseEnforcement(null, "6.1.0");
  expect(bare).toMatchObject({ memory: "watchdog", processes: "resource limit" });
  expect(resourceLimits(bare, limits)).toContain("-d 102400");
});
