/** A request as a REST API hands it to a function (API Gateway, Lambda proxy integration), as far as it is used here. */
export interface RestEvent {
  readonly httpMethod: string;
  /** Without the stage. */
  readonly path: string;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[] | null>> | null;
  readonly multiValueQueryStringParameters: Readonly<Record<string, readonly string[]>> | null;
  /** Null for an empty one. */
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
}

/** `signal` aborts when nobody waits for the answer any more. Throws TypeError for what no request can be made of. */
export function requestOf(event: RestEvent, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    for (const value of values ?? []) headers.append(name, isLatin(value) ? value : encodeURIComponent(value));
  }
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    for (const value of values) query.append(name, value);
  }
  // The host says nothing here: whoever got through to the function has found it.
  const url = new URL(`https://gateway${event.path}`);
  url.search = query.toString();
  const { httpMethod: method, body } = event;
  if (body === null || body === "" || method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal });
  const bytes = Buffer.from(body, event.isBase64Encoded ? "base64" : "utf8");
  // What the client declared was true of its own bytes.
  headers.set("content-length", String(bytes.byteLength));
  return new Request(url, { method, headers, signal, body: bytes });
}

/** What a header can hold; API Gateway passes on more. */
const isLatin = (value: string): boolean => Buffer.from(value, "latin1").toString("latin1") === value;
