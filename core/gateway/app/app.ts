import { Hono } from "hono";
import { InputError } from "../../errors/index.ts";
import type { GatewayDeps } from "../deps.ts";
import { authenticate } from "./authenticate.ts";
import type { Call } from "./call.ts";
import { startCall } from "./call.ts";
import { chatCompletions } from "./chat-completions.ts";
import { countTokens } from "./count-tokens.ts";
import type { ErrorShape } from "./error-response.ts";
import { errorResponse, statusIn } from "./error-response.ts";
import { freshId } from "./fresh-id.ts";
import { health } from "./health.ts";
import { messages } from "./messages.ts";
import { listModels, oneModel, speaksMessages } from "./models.ts";
import { clientError, DEFECT } from "./problem.ts";

type Handler = (call: Call, http: Request) => Response | Promise<Response>;

/**
 * The gateway as a web application, the same on a laptop and in a function. It sends no CORS headers at all: no web page may use it.
 * Streamed answers are live bodies (live-body.ts), which a server may take over; as web streams they work everywhere.
 */
export function createGatewayApp(deps: GatewayDeps): Hono {
  if (deps.models.length === 0) throw new InputError("config_invalid", "A gateway needs at least one model.");
  const app = new Hono();
  const serve = (route: string, shape: (http: Request) => ErrorShape, handler: Handler, http: Request): Promise<Response> =>
    serveCall(deps, startCall(deps, route, http.signal), shape(http), handler, http);
  const inMessages = (): ErrorShape => "messages";
  const inOpenAi = (): ErrorShape => "openai";
  const asAsked = (http: Request): ErrorShape => (speaksMessages(http) ? "messages" : "openai");

  app.post("/v1/messages", ({ req }) => serve("/v1/messages", inMessages, (call, http) => messages(deps, call, http), req.raw));
  app.post("/v1/messages/count_tokens", ({ req }) =>
    serve("/v1/messages/count_tokens", inMessages, (call, http) => countTokens(deps, call, http), req.raw),
  );
  app.post("/v1/chat/completions", ({ req }) =>
    serve("/v1/chat/completions", inOpenAi, (call, http) => chatCompletions(deps, call, http), req.raw),
  );
  app.get("/v1/models", ({ req }) => serve("/v1/models", asAsked, (call, http) => listModels(deps, call, http), req.raw));
  app.get("/v1/models/:id{.+}", ({ req }) =>
    serve("/v1/models/:id", asAsked, (call, http) => oneModel(deps, call, http, req.param("id")), req.raw),
  );
  app.get("/health", () => health(deps));
  // Old clients ask for it before anything else.
  app.get("/", (context) => context.text("The serac gateway.\n"));

  app.notFound(({ req }) => {
    const shape = req.path.startsWith("/v1/chat/") ? "openai" : asAsked(req.raw);
    return errorResponse(shape, clientError(404, "not_found_error", `There is no ${req.method} ${req.path} here.`), newRequestId());
  });
  app.onError((error) => {
    const requestId = newRequestId();
    deps.onDefect?.(requestId, error);
    return errorResponse("messages", DEFECT, requestId);
  });
  return app;
}

const newRequestId = (): string => `req_${freshId()}`;

async function serveCall(deps: GatewayDeps, call: Call, shape: ErrorShape, handler: Handler, http: Request): Promise<Response> {
  try {
    call.identify(await authenticate(deps, http.headers));
    return await handler(call, http);
  } catch (thrown) {
    const error = call.errorOf(thrown);
    if (error !== null) call.status = statusIn(shape, error);
    call.finish(error);
    return error === null ? new Response(null, { status: 499 }) : errorResponse(shape, error, call.requestId);
  }
}
