import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { PassThrough, type Writable } from "node:stream";
import { pathToFileURL } from "node:url";

/**
 * What Lambda is to a function that streams, and API Gateway in front of it: `node streaming-runtime.ts <bundle>` prints its address and
 * answers requests with the bundle's handler. ministack has no such thing. As in the real one (aws/aws-lambda-nodejs-runtime-interface-client,
 * src/stream) the status goes out with the first write. Other than the real one, it closes the stream of a client that has left:
 * Lambda does not tell its functions (issue 145 there).
 */

interface Metadata {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
}

type Streamed = (event: object, stream: Writable, context: object) => Promise<void>;

const answers = new WeakMap<Writable, ServerResponse>();

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Streamed) => handler,
    HttpResponseStream: {
      from: (stream: Writable, { statusCode, headers }: Metadata) => {
        const write = stream.write.bind(stream);
        stream.write = (...args: [never]) => {
          const response = answers.get(stream)!;
          if (!response.headersSent && !response.destroyed) response.writeHead(statusCode, headers).flushHeaders();
          return write(...args);
        };
        return stream;
      },
    },
  },
});

const { handler } = (await import(pathToFileURL(process.argv[2]!).href)) as { handler: Streamed };

const server = createServer((request, response) => void answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const stream = new PassThrough();
  answers.set(stream, response);
  stream.pipe(response);
  response.on("close", () => stream.destroy());
  try {
    await handler(eventOf(request, Buffer.concat(chunks)), stream, { awsRequestId: "1", functionName: "gateway" });
  } catch {
    response.destroy();
  }
}

/** As a REST API with a proxy resource sends it. */
function eventOf({ method, url = "/", headers }: IncomingMessage, body: Buffer): object {
  const { pathname, searchParams } = new URL(url, "http://api");
  const single = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  return {
    resource: "/{proxy+}",
    path: pathname,
    httpMethod: method,
    headers: single,
    multiValueHeaders: Object.fromEntries(Object.entries(single).map(([name, value]) => [name, [value]])),
    queryStringParameters: Object.fromEntries(searchParams),
    multiValueQueryStringParameters: Object.fromEntries([...searchParams].map(([name, value]) => [name, [value]])),
    body: body.length === 0 ? null : body.toString("utf8"),
    isBase64Encoded: false,
    requestContext: { httpMethod: method, path: pathname, stage: "serac", requestId: "1", identity: { sourceIp: "127.0.0.1" } },
  };
}
