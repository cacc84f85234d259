import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as z from "zod";

/** Where the platform tells the guest what happens to it (AWS, "Lambda MicroVMs lifecycle hooks"). */
export const HOOKS_PATH = "/aws/lambda-microvms/runtime/v1/";
const MAX_HOOK_BYTES = 64_000;

/** Body of `/run`: the payload is the string that was given to RunMicrovm. */
const runBody = z.object({ runHookPayload: z.string() });
const runPayload = z.strictObject({ secret: z.string().min(32) });
export type RunPayload = z.infer<typeof runPayload>;

/** What happens in the guest. */
export interface GuestLife {
  /** Of what goes into the image: null while it is made, then how it ended. */
  readonly prepared: () => "done" | "failed" | null;
  /** The machine has its owner. Called once. Rejects when it cannot serve. */
  run(payload: RunPayload): Promise<void>;
  terminate(): Promise<void>;
}

/**
 * Serves the platform's hooks. `/run` counts once, however often it comes, and only when the image is finished: before that, commands of the
 * repository's run with the network and could call it.
 */
export function startHooks(life: GuestLife, host: string, port: number): Promise<{ readonly port: number; readonly server: Server }> {
  let order: { readonly secret: string; readonly running: Promise<void> } | null = null;

  async function handle(request: IncomingMessage): Promise<number> {
    if (request.method !== "POST" || !request.url?.startsWith(HOOKS_PATH)) return 404;
    switch (request.url.slice(HOOKS_PATH.length)) {
      case "ready": {
        const state = life.prepared();
        return state === null ? 503 : state === "done" ? 200 : 500;
      }
      case "run": {
        const payload = readPayload(await readText(request));
        if (payload === null) return 400;
        if (life.prepared() !== "done") return 409;
        order ??= { secret: payload.secret, running: life.run(payload) };
        if (order.secret !== payload.secret) return 409;
        await order.running;
        return 200;
      }
      case "terminate":
        await life.terminate();
        return 200;
      default:
        return 404;
    }
  }

  const server = createServer((request, response: ServerResponse) => {
    handle(request).then(
      (status) => response.writeHead(status).end(),
      (error: unknown) => {
        console.error(`serac: a hook failed: ${error instanceof Error ? error.message : String(error)}`);
        response.writeHead(500).end();
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve({ server, port: typeof address === "object" && address !== null ? address.port : port });
    });
  });
}

function readPayload(text: string): RunPayload | null {
  try {
    const body = runBody.parse(JSON.parse(text));
    return runPayload.parse(JSON.parse(body.runHookPayload));
  } catch {
    return null;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError("A body comes in bytes");
    length += chunk.length;
    if (length > MAX_HOOK_BYTES) throw new RangeError("The hook's body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
