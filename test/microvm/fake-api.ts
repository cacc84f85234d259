import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { removeImage, startBuild, type FakeImage } from "./fake-images.ts";
import { endMachine, giveToken, startMachine, type FakeMachine } from "./fake-machines.ts";
import type { Cut } from "./proxy.ts";
import { brokenRules } from "./rules.ts";

type Body = Readonly<Record<string, unknown>>;

export interface SentRequest {
  readonly operation: string;
  readonly body: Body;
}

/** What may go wrong; set by tests while it runs. */
export interface Faults {
  /** Errors of the service's, by operation; each is answered once. */
  readonly errors: { readonly operation: string; readonly name: string; readonly status: number }[];
  buildFailure: string | null;
  startMs: number;
  cut: () => Cut | null;
}

export interface FakeMicrovmApi {
  readonly endpoint: string;
  readonly requests: readonly SentRequest[];
  /** Rules that a request broke, and requests of no known kind. */
  readonly violations: readonly string[];
  readonly faults: Faults;
  machines(): readonly FakeMachine[];
  running(): readonly FakeMachine[];
  images(): readonly FakeImage[];
  lose(machine: FakeMachine, reason?: string): Promise<void>;
  /** Throws when a rule was broken or a machine was left running. */
  assertInOrder(): void;
  stop(): Promise<void>;
}

export interface FakeApiOptions {
  readonly readArchive: (uri: string) => Promise<Buffer>;
  /** What a second lasts, where the service counts them: lives of machines and tokens. Default 1000. */
  readonly secondMs?: number;
}

class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

const ACCOUNT = "111111111111";
const REGION = "us-east-1";
const VERSION = "1.0";
const PAGE = 2;
const OPERATIONS: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ["POST", /^\/2025-09-09\/microvm-images$/, "CreateMicrovmImage"],
  ["GET", /^\/2025-09-09\/microvm-images$/, "ListMicrovmImages"],
  ["GET", /^\/2025-09-09\/microvm-images\/([^/]+)$/, "GetMicrovmImage"],
  ["DELETE", /^\/2025-09-09\/microvm-images\/([^/]+)$/, "DeleteMicrovmImage"],
  ["GET", /^\/2025-09-09\/microvm-images\/([^/]+)\/versions\/([^/]+)\/builds$/, "ListMicrovmImageBuilds"],
  ["POST", /^\/2025-09-09\/microvms$/, "RunMicrovm"],
  ["GET", /^\/2025-09-09\/microvms$/, "ListMicrovms"],
  ["GET", /^\/2025-09-09\/microvms\/([^/]+)$/, "GetMicrovm"],
  ["DELETE", /^\/2025-09-09\/microvms\/([^/]+)$/, "TerminateMicrovm"],
  ["POST", /^\/2025-09-09\/microvms\/([^/]+)\/auth-token$/, "CreateMicrovmAuthToken"],
  ["POST", /^\/2017-03-31\/tags\/(.+)$/, "TagResource"],
];

/**
 * AWS Lambda's microVM API as far as the driver calls it, with the real tool server as a local process a machine. A request that
 * breaks a rule of test/microvm/rules.ts is refused and noted.
 */
export async function startMicrovmApi({ readArchive, secondMs = 1000 }: FakeApiOptions): Promise<FakeMicrovmApi> {
  const images = new Map<string, FakeImage>();
  const machines = new Map<string, FakeMachine>();
  const removals: Promise<void>[] = [];
  const byToken = new Map<string, Promise<FakeMachine>>();
  const requests: SentRequest[] = [];
  const violations: string[] = [];
  const faults: Faults = { errors: [], buildFailure: null, startMs: 0, cut: () => null };

  const imageOf = (arn: string): FakeImage => {
    if (!arn.startsWith("arn:")) throw new ServiceError("ValidationException", 400, "Malformed ARN - doesn't start with 'arn:'");
    const image = images.get(arn);
    if (image === undefined) throw new ServiceError("ResourceNotFoundException", 404, `There is no image ${arn}.`);
    return image;
  };
  const machineOf = (id: string): FakeMachine => {
    const machine = machines.get(id);
    if (machine === undefined) throw new ServiceError("ResourceNotFoundException", 404, `There is no MicroVM ${id}.`);
    return machine;
  };
  const describeMachine = (machine: FakeMachine): Body => ({
    microvmId: machine.id,
    state: machine.state,
    endpoint: machine.endpoint,
    imageArn: machine.image.arn,
    imageVersion: VERSION,
    maximumDurationInSeconds: machine.maximumDurationInSeconds,
    startedAt: machine.startedAt / 1000,
    ...(machine.stateReason !== null && { stateReason: machine.stateReason }),
  });
  const describeImage = (image: FakeImage): Body => ({
    imageArn: image.arn,
    name: image.name,
    state: image.state,
    createdAt: image.createdAt / 1000,
    ...(image.state === "CREATED" && { latestActiveImageVersion: VERSION }),
    ...(image.state === "CREATE_FAILED" && { latestFailedImageVersion: VERSION }),
  });

  async function answer(operation: string, [id = ""]: readonly string[], body: Body, query: URLSearchParams): Promise<Body> {
    switch (operation) {
      case "CreateMicrovmImage": {
        const name = String(body["name"]);
        const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:${name}`;
        if (images.has(arn)) throw new ServiceError("ConflictException", 409, `The image ${name} exists.`);
        const { uri } = body["codeArtifact"] as { uri: string };
        const { microvmImageHooks } = body["hooks"] as { microvmImageHooks: { readyTimeoutInSeconds: number } };
        const image = startBuild({
          name,
          arn,
          tags: { ...(body["tags"] as Record<string, string>) },
          readyMs: microvmImageHooks.readyTimeoutInSeconds * 1000,
          archive: () => readArchive(uri),
          failure: faults.buildFailure,
        });
        images.set(arn, image);
        return { ...describeImage(image), imageVersion: VERSION, baseImageArn: body["baseImageArn"], buildRoleArn: body["buildRoleArn"] };
      }
      case "GetMicrovmImage": {
        const image = imageOf(id);
        if (image.state === "DELETING") images.delete(id);
        return { ...describeImage(image), tags: image.tags };
      }
      case "ListMicrovmImages": {
        const all = [...images.values()].filter(({ name }) => name.includes(query.get("nameFilter") ?? ""));
        return page(all.map(describeImage), query);
      }
      case "DeleteMicrovmImage":
        removals.push(removeImage(imageOf(id)));
        return { imageIdentifier: id, state: "DELETING" };
      case "ListMicrovmImageBuilds": {
        const { state, stateReason } = imageOf(id);
        const buildState = state === "CREATE_FAILED" ? "FAILED" : "SUCCESSFUL";
        return { items: [{ imageArn: id, imageVersion: VERSION, buildId: "1", buildState, ...(stateReason && { stateReason }) }] };
      }
      case "RunMicrovm": {
        const image = imageOf(String(body["imageIdentifier"]));
        if (image.state !== "CREATED") throw new ServiceError("ResourceNotFoundException", 404, "The image has no active version.");
        const token = String(body["clientToken"]);
        const starting =
          byToken.get(token) ??
          startMachine({
            image,
            payload: String(body["runHookPayload"]),
            maximumDurationInSeconds: Number(body["maximumDurationInSeconds"]),
            secondMs,
            startMs: faults.startMs,
            cut: () => faults.cut(),
          });
        byToken.set(token, starting);
        const machine = await starting;
        machines.set(machine.id, machine);
        return describeMachine(machine);
      }
      case "GetMicrovm":
        return describeMachine(machineOf(id));
      case "ListMicrovms": {
        const image = query.get("imageIdentifier");
        if (image !== null) imageOf(image);
        return page([...machines.values()].filter((machine) => image === null || machine.image.arn === image).map(describeMachine), query);
      }
      case "TerminateMicrovm": {
        const machine = machineOf(id);
        if (machine.state === "TERMINATED") throw new ServiceError("ConflictException", 409, "The MicroVM has ended.");
        await endMachine(machine, "terminated by its owner");
        return {};
      }
      case "CreateMicrovmAuthToken": {
        const [{ port }] = body["allowedPorts"] as [{ port: number }];
        const minutes = Number(body["expirationInMinutes"]);
        return { authToken: { "X-aws-proxy-auth": giveToken(machineOf(id), port, minutes, secondMs) } };
      }
      case "TagResource":
        Object.assign(imageOf(id).tags, body["Tags"]);
        return {};
      default:
        return logEvents(images, body);
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const url = new URL(request.url ?? "/", "http://api");
    const body: Body = text === "" ? {} : JSON.parse(text);
    try {
      const { operation, parts } = operationOf(request, url);
      requests.push({ operation, body });
      const broken = [...brokenRules(operation, body), ...brokenSignature(request, operation)];
      violations.push(...broken);
      if (broken.length > 0) throw new ServiceError("ValidationException", 400, broken.join("; "));
      const fault = faults.errors.findIndex((error) => error.operation === operation);
      if (fault >= 0) {
        const [{ name, status }] = faults.errors.splice(fault, 1) as [Faults["errors"][number]];
        throw new ServiceError(name, status, `${name}, by order of the test.`);
      }
      const result = await answer(operation, parts, body, url.searchParams);
      const status = operation === "CreateMicrovmImage" ? 201 : operation === "TagResource" ? 204 : 200;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(status === 204 ? "" : JSON.stringify(result));
    } catch (error) {
      if (!(error instanceof ServiceError)) violations.push(String(error));
      const [name, status] = error instanceof ServiceError ? [error.name, error.status] : ["InternalServerException", 500];
      const message = error instanceof Error ? error.message : String(error);
      response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": name });
      response.end(JSON.stringify({ message, __type: name }));
    }
  }

  const server = createServer((request, response) => void handle(request, response));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  const running = (): FakeMachine[] => [...machines.values()].filter(({ state }) => state !== "TERMINATED");
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    violations,
    faults,
    machines: () => [...machines.values()],
    running,
    images: () => [...images.values()],
    lose: (machine, reason = "the host failed") => endMachine(machine, reason),
    assertInOrder() {
      const left = running().map(({ id }) => `${id} was left running`);
      if (violations.length + left.length > 0) throw new Error([...violations, ...left].join("\n"));
    },
    async stop() {
      await Promise.all(running().map((machine) => endMachine(machine, "the test is over")));
      await Promise.all([...removals, ...[...images.values()].map(removeImage)]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function operationOf(request: IncomingMessage, url: URL): { readonly operation: string; readonly parts: readonly string[] } {
  if (request.headers["x-amz-target"] === "Logs_20140328.GetLogEvents") return { operation: "GetLogEvents", parts: [] };
  for (const [method, path, operation] of OPERATIONS) {
    const found = method === request.method ? path.exec(url.pathname) : null;
    if (found !== null) return { operation, parts: found.slice(1).map(decodeURIComponent) };
  }
  throw new Error(`${request.method} ${url.pathname} is no request of the service's.`);
}

function brokenSignature({ headers }: IncomingMessage, operation: string): readonly string[] {
  return /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/us-east-1\/(lambda|logs)\/aws4_request/.test(headers.authorization ?? "")
    ? []
    : [`${operation}: a request is signed`];
}

function page(items: readonly Body[], query: URLSearchParams): Body {
  const from = Number(query.get("nextToken") ?? 0);
  const next = from + PAGE;
  return { items: items.slice(from, next), ...(next < items.length && { nextToken: String(next) }) };
}

function logEvents(images: ReadonlyMap<string, FakeImage>, { logStreamName }: Body): Body {
  const image = [...images.values()].find(({ name }) => name === logStreamName);
  if (image === undefined) throw new ServiceError("ResourceNotFoundException", 400, "The log stream does not exist.");
  return { events: image.log.map((message) => ({ message, timestamp: image.createdAt })) };
}
