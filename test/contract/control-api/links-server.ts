import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ArtifactLinks } from "../../../core/control/platform.ts";
import type { ArtifactStore } from "../../../core/svg/artifacts.ts";

export interface LinksServer {
  readonly links: ArtifactLinks;
  /** Every request by its method and its range. */
  readonly requests: { readonly method: string; readonly key: string; readonly range: string | undefined }[];
  /** In this order, answers with the content of `path` break off after so many bytes, when `until` resolves: what was sent has arrived then. */
  readonly breakOffs: BreakOff[];
  /** Links that were given out so far are refused from now on, as if their time were over. */
  expireAll(): void;
  close(): Promise<void>;
}

export interface BreakOff {
  /** How the key ends. */
  readonly path: string;
  readonly bytes: number;
  readonly until: () => Promise<void>;
}

type Grant = { readonly key: string; readonly method: "GET" } | { readonly key: string; readonly method: "PUT"; readonly bytes: number };

/** Links as S3 presigns them, on loopback: one method, one key, for an upload exactly so many bytes. */
export async function startLinks(artifacts: ArtifactStore): Promise<LinksServer> {
  const grants = new Map<string, Grant>();
  const requests: LinksServer["requests"] = [];
  const breakOffs: BreakOff[] = [];

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const grant = grants.get(new URL(incoming.url ?? "/", "http://x").pathname.slice(1));
    const method = incoming.method ?? "";
    if (grant === undefined || grant.method !== method || incoming.headers.authorization !== undefined) {
      outgoing.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
      return;
    }
    requests.push({ method, key: grant.key, range: incoming.headers.range });
    if (grant.method === "PUT") return take(grant, incoming, outgoing);
    const content = await artifacts.get(grant.key);
    const from = Number(/^bytes=(\d+)-$/.exec(incoming.headers.range ?? "")?.[1] ?? "0");
    const body = content.subarray(from);
    const breakOff = breakOffs[0] !== undefined && grant.key.endsWith(breakOffs[0].path) ? breakOffs.shift() : undefined;
    outgoing.writeHead(from === 0 ? 200 : 206, { "content-length": body.byteLength });
    if (breakOff === undefined) {
      outgoing.end(body);
      return;
    }
    outgoing.write(body.subarray(0, breakOff.bytes));
    await breakOff.until();
    outgoing.destroy();
  };

  const take = async (grant: Grant & { readonly method: "PUT" }, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const isSigned = incoming.headers["content-length"] === String(grant.bytes) && incoming.headers["x-test-signed"] === "yes";
    if (!isSigned) {
      outgoing.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    await artifacts.put(grant.key, Buffer.concat(chunks));
    outgoing.writeHead(200).end();
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const grantFor = (grant: Grant): string => {
    const token = randomUUID();
    grants.set(token, grant);
    return `http://127.0.0.1:${port}/${token}`;
  };
  return {
    requests,
    breakOffs,
    expireAll: () => grants.clear(),
    links: {
      download: async (key) => grantFor({ key, method: "GET" }),
      upload: async (key, { bytes }) => ({ url: grantFor({ key, method: "PUT", bytes }), headers: { "x-test-signed": "yes" } }),
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
