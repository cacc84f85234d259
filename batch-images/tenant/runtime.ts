import { request, type IncomingHttpHeaders } from "node:http";

/** Where the service hands out invocations, from inside an environment (AWS, "Lambda runtime API"). */
const PATH = "/2018-06-01/runtime";

interface Answered {
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly body: Buffer;
}

/**
 * Serves one invocation after the other until the environment ends. Our own loop, because the managed runtimes bring no git and no compilers, and a client
 * library for images would be native code for these few requests.
 */
export async function serveInvocations(host: string, handle: (event: unknown) => Promise<unknown>): Promise<never> {
  for (;;) {
    const { headers, body } = await send(host, "GET", "/invocation/next");
    const id = String(headers["lambda-runtime-aws-request-id"]);
    // Given back, so that an answer that comes too late is not taken for the next one's.
    const invocation = headers["lambda-runtime-invocation-id"];
    const back: Readonly<Record<string, string>> = typeof invocation === "string" ? { "lambda-runtime-invocation-id": invocation } : {};
    try {
      const answer = Buffer.from(JSON.stringify(await handle(JSON.parse(body.toString("utf8")))));
      const { status, body: said } = await send(host, "POST", `/invocation/${id}/response`, answer, back);
      if (status >= 300) throw new Error(`The answer was not taken (${status}): ${said.toString("utf8").slice(0, 500)}`);
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ level: "error", message: errorMessage }));
      const failure = Buffer.from(JSON.stringify({ errorType: "SandboxDefect", errorMessage }));
      await send(host, "POST", `/invocation/${id}/error`, failure, {
        ...back,
        "lambda-runtime-function-error-type": "Function.SandboxDefect",
      });
    }
  }
}

function send(
  host: string,
  method: "GET" | "POST",
  path: string,
  body?: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  // No time limit: between two invocations the environment stands still.
  const sent = request(
    `http://${host}${PATH}${path}`,
    { method, headers: { ...headers, "content-length": body?.length ?? 0 } },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => resolve({ headers: response.headers, status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      response.once("error", reject);
    },
  );
  sent.once("error", reject);
  sent.end(body);
  return promise;
}
