import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import cdkJson from "../../../cdk.json" with { type: "json" };
import { makeBundles, passingFolder } from "./synthesis.ts";

const bin = fileURLToPath(new URL("../../../bin/cdk.ts", import.meta.url));
const bundles = makeBundles();

interface Ran {
  readonly status: number | null;
  readonly said: string;
  readonly out: string;
}

/** As the CDK CLI runs it; without credentials, without Docker, in an environment that holds nothing. */
function run(context: Record<string, unknown>): Ran {
  const out = passingFolder();
  const env = {
    PATH: "/nowhere",
    CDK_OUTDIR: out,
    CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, "aws:cdk:disable-stack-trace": true, ...context }),
  };
  const { status, stderr } = spawnSync(process.execPath, [bin], { env, encoding: "utf8" });
  return { status, said: stderr, out };
}

const environmentsOf = (out: string): Record<string, string> => {
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as {
    artifacts: Record<string, { type: string; environment?: string }>;
  };
  return Object.fromEntries(
    Object.entries(manifest.artifacts).flatMap(([name, { type, environment }]) =>
      type === "aws:cloudformation:stack" ? [[name, environment!]] : [],
    ),
  );
};

describe("the CDK app", () => {
  it("makes stacks for whichever account the credentials are of", () => {
    const { status, out } = run({ bundles });
    expect(status).toBe(0);
    const anywhere = "aws://unknown-account/unknown-region";
    expect(environmentsOf(out)).toEqual({
      SeracApi: anywhere,
      SeracData: anywhere,
      SeracForge: anywhere,
      SeracOps: anywhere,
      SeracSandbox: anywhere,
    });
  });

  it("makes stacks for one account and region, under another name, with what a file says", () => {
    const file = join(passingFolder(), "team.yaml");
    writeFileSync(file, 'name: team-b\naccount: "111111111111"\nregion: eu-central-1\nsandbox: { kind: none }\n');
    const { status, out } = run({ bundles, deploy: file });
    expect(status).toBe(0);
    const there = "aws://111111111111/eu-central-1";
    expect(environmentsOf(out)).toEqual({ TeamBApi: there, TeamBData: there, TeamBForge: there, TeamBOps: there });
  });

  it("tells of a mistake in the settings in a sentence, and makes nothing", () => {
    const { status, said, out } = run({ bundles, serac: { teacherConcurency: 3 } });
    expect(status).toBe(2);
    expect(said).toBe(
      "serac: the context key serac: teacherConcurency is no known key; did you mean teacherConcurrency?\n" +
        "  docs/aws.md lists every key with what is allowed and what it is by default.\n",
    );
    expect(() => readFileSync(join(out, "manifest.json"))).toThrow(/ENOENT/);
  });

  it("says what to do where the functions were not built", () => {
    const { status, said } = run({ bundles: "/nowhere" });
    expect(status).toBe(2);
    expect(said).toBe("serac: /nowhere is missing.\n  Run `npm run build:lambdas` first.\n");
  });
});
