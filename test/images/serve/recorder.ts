import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Recorder extends AsyncDisposable {
  readonly url: string;
  /** Of chat completions, in the order of their arrival. */
  readonly bodies: readonly ChatRequestBody[];
}

export interface ChatRequestBody {
  readonly messages: readonly unknown[];
  readonly tools?: readonly unknown[];
  readonly stream?: boolean;
}

/** Stands in front of a model server, passes everything on as it is, and remembers what was asked. */
export async function startRecorder(serverUrl: string): Promise<Recorder> {
  const bodies: ChatRequestBody[] = [];
  const server = createServer((incoming, response) => {
    const pass = async (): Promise<void> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (incoming.url === "/v1/chat/completions") bodies.push(JSON.parse(body.toString("utf8")));
      const answer = await fetch(serverUrl + (incoming.url ?? ""), {
        method: incoming.method ?? "GET",
        headers: { "content-type": "application/json" },
        ...(body.length === 0 ? {} : { body }),
      });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
      await pipeline(answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body), response);
    };
    pass().catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
