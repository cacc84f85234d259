import type { Sandbox, SandboxProvider } from "../../../../core/agent/sandbox.ts";
import { SandboxError } from "../../../../core/errors/index.ts";

export interface TestSandbox extends SandboxProvider {
  readonly released: string[];
  readonly prepared: string[];
  /** What `open` throws, when it is to fail. */
  broken: Error | null;
}

/** A workspace in memory that knows one command, `fix <name>`: it makes a change that bears the name. */
export function testSandbox(): TestSandbox {
  const provider: TestSandbox = {
    name: "virtual-bash",
    notes: [],
    released: [],
    prepared: [],
    broken: null,
    prepare: ({ directory }) => {
      provider.prepared.push(directory);
      return Promise.resolve({ provider: "virtual-bash", directory, baseCommit: "" });
    },
    open: (_base, { checkpoint }) => {
      if (provider.broken !== null) return Promise.reject(provider.broken);
      return Promise.resolve(workspace(Buffer.from(checkpoint?.patchBase64 ?? "", "base64").toString()));
    },
    release: (directory) => {
      provider.released.push(directory);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  return provider;
}

export const noSandbox = (): Error => new SandboxError("sandbox_failed", "There is no machine.");

function workspace(restored: string): Sandbox {
  let patch = restored;
  let kept = restored;
  const done = (output: string) => ({
    output: Buffer.from(output),
    omittedBytes: 0,
    outcome: "exited" as const,
    exitCode: 0,
    restarted: null,
    durationMs: 1,
  });
  return {
    exec: (command) => {
      const name = /^fix (\S+)$/.exec(command)?.[1];
      if (name !== undefined) patch = patchFor(name);
      return Promise.resolve(done("done\n"));
    },
    checkSyntax: () => Promise.resolve(null),
    stat: () => Promise.resolve(null),
    readFile: () => Promise.resolve(null),
    writeFile: () => Promise.resolve("read-only"),
    list: () => Promise.resolve([]),
    diff: () => Promise.resolve(Buffer.from(patch)),
    checkpoint: () => {
      if (patch === kept) return Promise.resolve(null);
      kept = patch;
      return Promise.resolve({ patchBase64: Buffer.from(patch).toString("base64"), cwd: "/testbed", env: {} });
    },
    close: () => Promise.resolve(),
  };
}

const patchFor = (name: string): string => `diff --git a/src/cart.py b/src/cart.py
--- a/src/cart.py
+++ b/src/cart.py
@@ -1,2 +1,2 @@
 def total(prices):
-    result = 0
+    result = 0  # ${name}
`;
