import { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";

/** A request as an SDK client hands it to its connection. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface WireAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Readable;
}

/** What happens in place of `send`, or around it. */
export type Fault = (send: () => Promise<WireAnswer>) => Promise<WireAnswer>;

interface AnyClient {
  readonly config: { readonly requestHandler: object };
}

/** From now on each request of the client, the repeated ones too, meets the fault that `faultFor` gives for it, if any. */
export function injectFaults(client: AnyClient, faultFor: (request: WireRequest) => Fault | null): void {
  const handler = client.config.requestHandler as {
    handle: (request: WireRequest, options: unknown) => Promise<{ response: WireAnswer }>;
  };
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const fault = faultFor(request);
    if (fault === null) return handle(request, options);
    return { response: await fault(async () => (await handle(request, options)).response) };
  };
}

/** The faults of a list, one for each request that `concerns` picks; then none. */
export function inTurn(
  faults: readonly Fault[],
  concerns: (request: WireRequest) => boolean = () => true,
): (request: WireRequest) => Fault | null {
  const left = [...faults];
  return (request) => (concerns(request) ? (left.shift() ?? null) : null);
}

/** AWS's answer with an error, as S3 writes it. */
export const refusedInXml =
  (statusCode: number, code: string): Fault =>
  async () => ({
    statusCode,
    headers: { "content-type": "application/xml" },
    body: Readable.from([Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} says AWS</Message></Error>`)]),
  });

/** AWS's answer with an error, as the JSON services write it. */
export const refusedInJson =
  (statusCode: number, code: string): Fault =>
  async () => ({
    statusCode,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code },
    body: Readable.from([Buffer.from(JSON.stringify({ __type: code, message: `${code} says AWS` }))]),
  });

const reset = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/** AWS never heard of it. */
export const neverSent: Fault = async () => {
  throw reset();
};

/** AWS did what it was asked to do, and nobody heard. */
export const lostAnswer: Fault = async (send) => {
  await buffer((await send()).body);
  throw reset();
};

/** The connection breaks after so many bytes of the answer's body. */
export const cutAfter =
  (bytes: number): Fault =>
  async (send) => {
    const answer = await send();
    let left = bytes;
    const cut = new Transform({
      transform: (chunk: Buffer, _, done) => {
        const part = chunk.subarray(0, left);
        left -= part.byteLength;
        if (left > 0) done(null, part);
        else {
          cut.push(part);
          setImmediate(() => cut.destroy(reset()));
        }
      },
    });
    answer.body.on("error", () => {}).pipe(cut);
    cut.once("close", () => answer.body.destroy());
    return { ...answer, body: cut };
  };
