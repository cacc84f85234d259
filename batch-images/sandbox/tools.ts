import { createInterface } from "node:readline";
import * as z from "zod";
import { createBubblewrapProvider } from "../../drivers/bubblewrap/index.ts";
import { startToolServer } from "../../drivers/tool-server/index.ts";
import { HOST, TOOL_PORT } from "./environment.ts";

const order = z.strictObject({
  base: z.strictObject({ provider: z.literal("bubblewrap"), directory: z.string(), baseCommit: z.string() }),
  secret: z.string().min(32),
});

/** Serves one workspace until stdin ends. The first line there says which; stdout then says that it is served. */
export async function startTools(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const { base, secret } = await new Promise<z.infer<typeof order>>((resolve, reject) => {
    lines.once("line", (line) => {
      try {
        resolve(order.parse(JSON.parse(line)));
      } catch (error) {
        reject(error);
      }
    });
    lines.once("close", () => reject(new Error("There was no order.")));
  });
  const provider = await createBubblewrapProvider({ mounts: [] });
  const server = await startToolServer({ provider, base, secret, host: HOST, port: TOOL_PORT });
  lines.once("close", () => {
    void server
      .close()
      .then(() => provider.close())
      .finally(() => process.exit(0));
  });
  process.stdout.write(`served on port ${server.port}\n`);
}
