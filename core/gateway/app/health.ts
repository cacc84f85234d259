import type { GatewayDeps } from "../deps.ts";
import type { Endpoint } from "../endpoint.ts";

/** A look at an endpoint may ask another service; whoever checks the gateway's health does not wait longer for it. */
const LOOK_MS = 2_000;

/** `GET /health`: the gateway itself is well when it answers; what it says of its models' servers is for people. */
export async function health({ models, clock }: GatewayDeps): Promise<Response> {
  const over = new AbortController();
  const late = clock.sleep(LOOK_MS, over.signal).catch(() => {});
  const looks = models.map(async ({ model, endpoint }) => ({
    model: model.name,
    ...(await Promise.race([look(endpoint, over.signal), late.then(() => UNKNOWN)])),
  }));
  const endpoints = await Promise.all(looks);
  over.abort();
  return Response.json({ status: "ok", endpoints }, { headers: { "cache-control": "no-store" } });
}

const UNKNOWN = { state: "unknown" };

/** Neither addresses nor messages: this route wants no key. */
async function look(endpoint: Endpoint, signal: AbortSignal): Promise<{ readonly state: string; readonly stage?: string }> {
  try {
    const state = await endpoint.state(signal);
    return state.state === "warming" ? { state: state.state, stage: state.stage } : { state: state.state };
  } catch {
    return UNKNOWN;
  }
}
