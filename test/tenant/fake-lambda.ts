import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import { startEnvironment, type FakeEnvironment, type Outcome } from "./fake-environment.ts";

/** What may go wrong; set by tests while it runs. */
export interface Faults {
  /** Errors of the service's, each answered once, before anything else is done. */
  readonly errors: { readonly name: string; readonly status: number }[];
  /** Asked before each event: whether the environment of its tenant is taken away, as the service does when nothing was asked of it for long. */
  isReaped: (tenant: string) => boolean;
  /** Asked with each event: `request`: it never gets there; `answer`: what came of it does not come back. */
  cut: () => "request" | "answer" | null;
  /** The function's time limit, asked for with each event. */
  timeoutMs: () => number;
}

export interface FakeLambda {
  readonly endpoint: string;
  /** Rules that an event broke. */
  readonly violations: readonly string[];
  readonly faults: Faults;
  /** Of every environment that was started. */
  tenants(): readonly string[];
  running(): readonly FakeEnvironment[];
  /** Kinds of events, in the order in which they came. */
  events(): readonly string[];
  stop(): Promise<void>;
}

/** AWS, "Lambda quotas": 6 MB, of which an event and an answer each have so many bytes. */
const MAX_PAYLOAD_BYTES = 6_291_556;
const TENANT_ID = /^[a-zA-Z0-9._:/=+\-@ ]{1,256}$/;

/** AWS Lambda's Invoke API for one function with the tenancy PER_TENANT, whose environments are processes with the real bundle. */
export async function startFakeLambda(functionArn: string, folder: string): Promise<FakeLambda> {
  const environments: FakeEnvironment[] = [];
  const starting = new Set<Promise<FakeEnvironment>>();
  const tenants: string[] = [];
  const events: string[] = [];
  const violations: string[] = [];
  const faults: Faults = { errors: [], isReaped: () => false, cut: () => null, timeoutMs: () => 60_000 };
  const running = (): FakeEnvironment[] => environments.filter((environment) => !environment.isGone());

  /** A free environment of the tenant's, and of nobody else's; a new one where there is none. */
  async function environmentOf(tenant: string): Promise<FakeEnvironment> {
    const free = running().find((environment) => environment.tenant === tenant && !environment.isBusy);
    if (free !== undefined && !faults.isReaped(tenant)) {
      free.isBusy = true;
      return free;
    }
    await free?.kill();
    tenants.push(tenant);
    const start = startEnvironment(tenant, folder);
    starting.add(start);
    const environment = await start;
    starting.delete(start);
    environment.isBusy = true;
    environments.push(environment);
    return environment;
  }

  async function outcomeOf(environment: FakeEnvironment, event: Buffer): Promise<Outcome> {
    const limitMs = faults.timeoutMs();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => resolve({ is: "ended", how: `Task timed out after ${limitMs / 1000} seconds` }), limitMs);
    });
    const outcome = await Promise.race([environment.invoke(randomUUID(), event), late]);
    clearTimeout(timer);
    if (outcome.is === "ended") await environment.kill();
    return outcome;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const event = Buffer.concat(chunks);
    const tenant = String(request.headers["x-amz-tenant-id"] ?? "");
    const broken = brokenRules(request, functionArn, event);
    if (running().some((environment) => environment.tenant === tenant && environment.isBusy))
      broken.push("one event at a time goes to a tenant");
    violations.push(...broken);
    if (broken.length > 0) return fail(response, 400, "InvalidParameterValueException", broken.join("; "));
    const fault = faults.errors.shift();
    if (fault !== undefined) return fail(response, fault.status, fault.name, `${fault.name}, by order of the test.`);
    const cut = faults.cut();
    if (cut === "request") return void request.socket.destroy();
    const kind = kindOf(event);
    events.push(kind);
    const environment = await environmentOf(tenant);
    const outcome = await outcomeOf(environment, event);
    environment.isBusy = false;
    // The service would keep it for a while, in vain.
    if (kind === "close") await environment.kill();
    if (cut === "answer") return void request.socket.destroy();
    answer(response, outcome);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push(String(error));
      response.destroy();
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    violations,
    faults,
    tenants: () => tenants,
    running,
    events: () => events,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(starting);
      await Promise.all(running().map((environment) => environment.kill()));
    },
  };
}

function brokenRules(request: IncomingMessage, functionArn: string, event: Buffer): string[] {
  const rules: readonly (readonly [sentence: string, holds: boolean])[] = [
    [
      "the function is invoked, by its ARN and without a version",
      request.method === "POST" && request.url === `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
    ],
    ["an event names its tenant", TENANT_ID.test(String(request.headers["x-amz-tenant-id"] ?? ""))],
    ["an event holds 6 MB at most", event.length <= MAX_PAYLOAD_BYTES],
    ["an answer is waited for", request.headers["x-amz-invocation-type"] === "RequestResponse"],
    [
      "a request is signed",
      /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/us-east-1\/lambda\/aws4_request/.test(request.headers.authorization ?? ""),
    ],
  ];
  return rules.filter(([, holds]) => !holds).map(([sentence]) => sentence);
}

const kindOf = (event: Buffer): string => String((JSON.parse(event.toString("utf8")) as { ask?: { do?: unknown } }).ask?.do);

function answer(response: ServerResponse, outcome: Outcome): void {
  if (outcome.is === "answer" && outcome.payload.length <= MAX_PAYLOAD_BYTES) return void response.writeHead(200).end(outcome.payload);
  const failure =
    outcome.is === "ended"
      ? { errorType: "Runtime.ExitError", errorMessage: outcome.how }
      : outcome.is === "answer"
        ? {
            errorType: "Function.ResponseSizeTooLarge",
            errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
          }
        : JSON.parse(outcome.payload.toString("utf8"));
  response.writeHead(200, { "x-amz-function-error": "Unhandled" }).end(JSON.stringify(failure));
}

function fail(response: ServerResponse, status: number, name: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": name });
  response.end(JSON.stringify({ Type: "User", message }));
}
