import { InputError } from "../../core/errors/index.ts";
import { type Upstream, UpstreamError, type UpstreamResponse, type UpstreamTarget } from "../../core/gateway/upstream/upstream.ts";

export interface ListedModel {
  readonly id: string;
  /** Tokens; null where the server does not say. */
  readonly contextTokens: number | null;
}

export type ModelList =
  | { readonly kind: "models"; readonly models: readonly ListedModel[] }
  /** No answer, or one that says to come back: it may still be loading. */
  | { readonly kind: "silent"; readonly why: string };

const ANSWER_MS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** What proxies answer while nothing stands behind them, and servers while they load. */
const NOT_YET = new Set([429, 502, 503, 504]);

/** Asks an OpenAI-compatible server what it serves. InputError: upstream_auth, upstream_rejected. */
export async function listModels(upstream: Upstream, target: UpstreamTarget, signal?: AbortSignal): Promise<ModelList> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await upstream.send({
      target,
      method: "GET",
      path: "/v1/models",
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    const body = await textOf(response);
    if (NOT_YET.has(response.status)) return { kind: "silent", why: `it answers ${response.status}` };
    return { kind: "models", models: modelsOf(response.status, body, target) };
  } catch (error) {
    if (limit.aborted) return { kind: "silent", why: `no answer within ${ANSWER_MS / 1000} s` };
    if (!(error instanceof UpstreamError)) throw error;
    if (error.failure !== "tls") return { kind: "silent", why: error.message };
    throw new InputError("upstream_rejected", `${target.rootUrl}: ${error.message}`, {
      hint: "The address must be the one in the certificate. For an authority of your own set NODE_EXTRA_CA_CERTS to its certificate.",
      cause: error,
    });
  }
}

async function textOf({ body }: UpstreamResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function modelsOf(status: number, body: string, { rootUrl, apiKey }: UpstreamTarget): readonly ListedModel[] {
  if (status === 401 || status === 403) {
    throw new InputError(
      "upstream_auth",
      `${rootUrl} answers ${status} to /v1/models${apiKey === null ? ": it wants a key." : ": it does not take the key."}`,
      {
        hint:
          apiKey === null
            ? "Put the key into an environment variable and name that: --key-env for a gateway, --upstream-key-env for a model server."
            : "Look at the variable that --key-env (of a gateway) or --upstream-key-env (of a model server) names.",
      },
    );
  }
  const models = status === 200 ? readList(jsonOf(body)) : null;
  if (models !== null) return models;
  const what = status === 200 ? "with something that is no list of models" : `with ${status}`;
  throw new InputError("upstream_rejected", `${rootUrl} answers ${what} to /v1/models.`, {
    hint: "Is it the address of an OpenAI-compatible server, such as vLLM? Redirects are not followed.",
  });
}

/** By hand: a schema library would take a sixth of the gateway's memory for this. */
function readList(json: unknown): readonly ListedModel[] | null {
  const data = fieldOf(json, "data");
  if (!Array.isArray(data)) return null;
  const models = data.map((entry: unknown): ListedModel => {
    const [id, window] = [fieldOf(entry, "id"), fieldOf(entry, "max_model_len")];
    const isWindow = typeof window === "number" && Number.isSafeInteger(window) && window > 0;
    return { id: typeof id === "string" ? id : "", contextTokens: isWindow ? window : null };
  });
  return models.every(({ id }) => id !== "") ? models : null;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
