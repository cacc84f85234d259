import { problemSchema } from "../../core/control/api/wire/problem.ts";
import { type ErrorCode, InputError, SeracError } from "../../core/errors/index.ts";

/** Who asks whom: for messages. */
export interface Parties {
  readonly url: string;
  readonly version: string;
  /** Where the key came from, such as `SERAC_API_KEY`. */
  readonly keySource: string;
}

export const VERSION_HEADER = "serac-version";

/** The error that an answer of 400 and over stands for. */
export async function refusalOf(response: Response, parties: Parties): Promise<SeracError> {
  const text = await response.text().catch(() => "");
  if (response.headers.has(VERSION_HEADER)) {
    const problem = problemSchema.safeParse(parsed(text));
    if (problem.success) return ownError(problem.data, response, parties);
  }
  // API Gateway and what else stands in front of the API have errors of their own.
  if (response.status === 429)
    return new SeracError("cloud_throttled", `${parties.url} asks for fewer requests.`, { hint: "Try again in a minute." });
  if (response.status >= 500) {
    return new SeracError("cloud_failed", `${parties.url} failed with HTTP ${response.status}.`, {
      hint: "Try again; the log of the API's function says more.",
    });
  }
  return incompatible(parties, `it answers ${response.status} in another way than serac does`);
}

/** The mistakes of what was sent, one a line, as the command line tells those of a file. */
function ownError(
  problem: {
    readonly code: string;
    readonly detail: string;
    readonly hint?: string | undefined;
    readonly errors?: readonly { readonly message: string }[] | undefined;
    readonly requestId: string;
  },
  response: Response,
  { url, keySource, version }: Parties,
): SeracError {
  const { status } = response;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a newer API may know codes that this client does not; they are shown as they are
  const code = problem.code as ErrorCode;
  const listed =
    problem.errors !== undefined && problem.errors.length > 1 ? problem.errors.map(({ message }) => `\n  ${message}`).join("") : "";
  const message = `${problem.detail}${listed}`;
  const hint = problem.hint === undefined ? {} : { hint: problem.hint };
  if (status === 401)
    return new InputError(code, `${url}: ${message}`, {
      hint: `The key came from ${keySource}. \`npm run new-key\` in a checkout makes one, or POST /v1/keys.`,
    });
  if (status === 403) return new InputError(code, `${url}: ${message}`, hint);
  if (status >= 500) return new SeracError(code, `${url}: ${message}`, { hint: `Its request id is ${problem.requestId}.` });
  if (status === 404 && code === "usage")
    return incompatible({ url, keySource, version }, `it is serac ${response.headers.get(VERSION_HEADER)} and does not know this request`);
  return new InputError(code, message, hint);
}

export function incompatible({ url, version }: Parties, why: string): InputError {
  return new InputError("api_incompatible", `${url} cannot be used by serac ${version}: ${why}.`, {
    hint: "Check the address; where it is right, install the version of serac that was deployed.",
  });
}

/** The request did not come through, or no answer came back. */
export function unreachable(url: string, error: unknown): SeracError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = cause instanceof Error ? (WHY[code] ?? (cause.message === "" ? code : cause.message)) : String(cause);
  const isCertificate = /CERT|SIGNED|TLS|SSL/.test(code);
  return new SeracError("api_unreachable", `${url} cannot be reached: ${why}.`, {
    hint: isCertificate ? "NODE_EXTRA_CA_CERTS names a file with the certificate authority." : "Check the address and the network.",
    cause: error,
  });
}

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  23: "it does not answer in time",
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
