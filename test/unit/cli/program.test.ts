import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createPrinter } from "../../../cli/printer.ts";
import type { Io } from "../../../cli/io.ts";
import { main } from "../../../cli/main.ts";
import { calledCommand, COMMANDS } from "../../../cli/program.ts";
import { createRedactor } from "../../../core/config/redactor.ts";
import { version } from "../../../cli/version.ts";

interface Result {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function serac(...argv: string[]): Promise<Result> {
  const printed = { out: "", err: "" };
  const redactor = createRedactor();
  const stream = (name: "out" | "err"): Writable =>
    new Writable({
      write: (chunk, _encoding, done) => {
        printed[name] += String(chunk);
        done();
      },
    });
  const io: Io = {
    out: createPrinter(stream("out"), redactor),
    err: createPrinter(stream("err"), redactor),
    env: {},
    cwd: process.cwd(),
    redactor,
    debug: false,
  };
  return { exit: await main(argv, io), ...printed };
}

test("help and version", async () => {
  for (const argv of [[], ["--help"], ["help"]]) {
    const { exit, out } = await serac(...argv);
    expect(exit).toBe(0);
    for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`${name} .*${summary.slice(0, 20)}`, "s"));
  }
  expect(await serac("--version")).toEqual({ exit: 0, out: `${version}\n`, err: "" });
});

test.each(COMMANDS.map(({ name }) => name))("%s has help with examples that name it", async (name) => {
  const { exit, out } = await serac(name, "--help");
  expect(exit).toBe(0);
  const examples = out.slice(out.indexOf("Examples:"));
  expect(examples).toContain(`serac ${name}`);
  for (const flag of ["--help", "--debug"]) expect(out).toContain(flag);
  expect(await serac("help", name)).toMatchObject({ exit: 0, out });
});

test("a mistyped command or flag gets a suggestion and exit 2", async () => {
  expect(await serac("surve")).toMatchObject({ exit: 2, out: "", err: expect.stringContaining("Did you mean survey?") });
  expect(await serac("help", "surve")).toMatchObject({ exit: 2, out: "", err: expect.stringContaining("Did you mean survey?") });
  expect(await serac("survey", ".", "--jsno")).toMatchObject({
    exit: 2,
    out: "",
    err: expect.stringContaining("Did you mean --json?"),
  });
  expect(await serac("survey")).toMatchObject({ exit: 2, err: expect.stringContaining("'repo'") });
  expect(await serac("score", "--target", "a", "--candidate", "b", "--rule", "x")).toMatchObject({
    exit: 2,
    err: expect.stringContaining("serac, sera"),
  });
});

test("commands of later releases are simply not there", async () => {
  for (const name of ["serve", "console"]) expect((await serac(name)).exit).toBe(2);
});

test("the command that is called", () => {
  expect(calledCommand(["survey", "--json"])).toBe("survey");
  expect(calledCommand(["help", "run"])).toBe("run");
  expect(calledCommand(["--help"])).toBeUndefined();
});
