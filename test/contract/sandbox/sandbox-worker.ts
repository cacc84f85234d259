import { createBubblewrapProvider } from "../../../drivers/bubblewrap/index.ts";
import { LIMITS, repository } from "./sandbox-repository.ts";

/** A worker that opens sandboxes, leaves daemons in them and waits to be killed. Says one line of JSON when it is ready. */
const [directory = "", count = "1"] = process.argv.slice(2);
const provider = await createBubblewrapProvider({ mounts: [] });
const base = await provider.prepare({ source: repository(), directory, install: [], timeoutMs: 60_000, limits: LIMITS });
const sandboxes = await Promise.all(Array.from({ length: Number(count) }, () => provider.open(base, { limits: LIMITS })));
const outputs: string[] = [];
for (const sandbox of sandboxes) {
  const result = await sandbox.exec("(setsid sleep 1000 &); echo $(id -u) $(cat README.md); echo more >>README.md", {
    timeoutMs: 20_000,
    shell: "session",
  });
  const diff = await sandbox.diff(100_000);
  outputs.push(Buffer.from(result.output).toString() + Buffer.from(diff).toString());
}
process.stdout.write(`${JSON.stringify({ outputs, notes: provider.notes })}\n`);
if (process.argv[4] === "finish") await provider.close();
else {
  for (const sandbox of sandboxes) void sandbox.exec("while true; do sleep 0.05; done", { timeoutMs: 1_000_000, shell: "session" });
}
