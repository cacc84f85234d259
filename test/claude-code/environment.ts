import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder, temporaryFolder } from "../folder.ts";

/** A home that knows nobody, and an environment in which the client talks to loopback alone. Removed when it is disposed of. */
export interface ClientHome extends AsyncDisposable {
  readonly path: string;
  /** Everything but the gateway's address and key. */
  readonly env: NodeJS.ProcessEnv;
}

export async function freshHome(): Promise<ClientHome> {
  const root = temporaryFolder();
  const [path, temporary] = [join(root, "home"), join(root, "tmp")];
  for (const folder of [path, temporary]) await mkdir(folder);
  return {
    path,
    env: {
      PATH: process.env["PATH"],
      HOME: path,
      TMPDIR: temporary,
      LANG: "C.UTF-8",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_ERROR_REPORTING: "1",
      // It refuses to leave out permissions as root unless it is told that it cannot do harm.
      IS_SANDBOX: "1",
    },
    // What the client started may still write for a moment.
    [Symbol.asyncDispose]: () => removeFolder(root),
  };
}
