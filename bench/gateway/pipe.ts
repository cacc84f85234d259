import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** The least that a gateway in Node can do: bytes from the client to the model server and back. Prints its address. */
const upstream = new URL("/v1/chat/completions", process.argv[2]);
const agent = new Agent({ keepAlive: true, maxFreeSockets: 1_024 });

const server = createServer({ noDelay: true }, (incoming, outgoing) => {
  const { "content-length": length, "content-type": type } = incoming.headers;
  const ask = request(upstream, { agent, method: "POST", headers: { "content-type": type, "content-length": length } }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { "content-type": answer.headers["content-type"] });
    answer.pipe(outgoing);
  });
  ask.on("error", () => outgoing.destroy());
  outgoing.on("close", () => ask.destroy());
  incoming.pipe(ask);
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
