import { connect, type Socket } from "node:net";
import { cpuMs } from "./process-use.ts";
import { messagesRequest } from "./request.ts";
import { scanReply } from "./reply-scan.ts";
import { nowMicros } from "./stamp.ts";

/**
 * The load generator, a process of its own on bare sockets. Takes a job as JSON in its first argument and prints what it saw as one line
 * of JSON. A delta's delay is the time from the mock's write to its arrival here.
 */
export interface Job {
  readonly url: string;
  /** Whose CPU is counted. */
  readonly pid: number | null;
  readonly streams: number;
  /** In an answer that is whole. */
  readonly tokens: number;
  /** Each stream asks this often before anything is counted. */
  readonly warmUps: number;
  /** How often each stream asks at most, one request after another. */
  readonly rounds: number;
  /** The first requests are spread evenly over this time. 0: all at once. */
  readonly spreadMs: number;
  /** Counting begins and ends here, after the first request. Nothing is asked any more after the end. `to` null: until all is done. */
  readonly window: { readonly fromMs: number; readonly toMs: number | null };
  /** What is not answered then is cut. */
  readonly limitMs: number;
}

export interface Seen {
  /** Complete answers, and those that broke off or were cut. */
  readonly answers: number;
  readonly failures: number;
  /** One of the failures. */
  readonly failure: string | null;
  /** Time to first token of the requests made in the window, ascending. Milliseconds. */
  readonly ttftMs: readonly number[];
  /** In the window. */
  readonly deltas: number;
  /** Deltas later than 50 ms, and the latest. */
  readonly late: number;
  readonly worstMs: number;
  readonly delayP50Ms: number;
  readonly windowMs: number;
  /** CPU in the window: of the process asked for, and of the load generator itself. */
  readonly cpuMs: number;
  readonly ownCpuMs: number;
}

const LATE_MS = 50;
/** Deltas by their delay in tenths of a millisecond; the last holds all that is later. */
const DELAYS = new Uint32Array(20_000);

const job: Job = JSON.parse(process.argv[2]!);
const { hostname, port } = new URL(job.url);
const body = messagesRequest();
const request = Buffer.from(
  `POST /v1/messages?beta=true HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\nanthropic-version: 2023-06-01\r\n` +
    `authorization: Bearer sk-bench\r\naccept: application/json\r\nuser-agent: bench\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);

const ttftMs: number[] = [];
let answers = 0;
let failures = 0;
let failure: string | null = null;
let deltas = 0;
let late = 0;
let worstMs = 0;
const phase = { isCounting: false, isOver: false, isCut: false };

function count(stampMicros: number): void {
  if (!phase.isCounting) return;
  const delayMs = (nowMicros() - stampMicros) / 1000;
  deltas += 1;
  if (delayMs > LATE_MS) late += 1;
  if (delayMs > worstMs) worstMs = delayMs;
  DELAYS[Math.min(DELAYS.length - 1, Math.max(0, Math.floor(delayMs * 10)))]! += 1;
}

const open = async (): Promise<Socket> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: hostname, port: Number(port), noDelay: true }, resolve);
  socket.once("error", reject);
  await promise;
  socket.setEncoding("latin1");
  return socket;
};

/** One request on a connection that is free. Rejects when the answer is not a whole stream of all its tokens. */
function ask(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const begun = performance.now();
  const isCounted = phase.isCounting;
  let tokens = 0;
  const scan = scanReply((stamp) => {
    tokens += 1;
    if (tokens === 1 && isCounted) ttftMs.push(performance.now() - begun);
    count(stamp);
  });
  const settle = (problem: string | null): void => {
    socket.removeAllListeners();
    socket.on("error", () => {});
    if (problem === null) resolve();
    else reject(new Error(problem));
  };
  socket.on("data", (data: string) => {
    scan.take(data);
    if (!scan.isOver) return;
    if (scan.status !== 200) settle(`status ${scan.status} ${scan.excerpt}`);
    else if (!scan.isWhole || tokens !== job.tokens) settle(`an answer of ${tokens} tokens${scan.isWhole ? "" : " without an end"}`);
    else settle(null);
  });
  socket.on("error", (error) => settle(error.message));
  socket.on("close", () => settle(`the connection was closed after ${tokens} tokens`));
  socket.write(request);
  return promise;
}

const sockets = new Set<Socket>();

async function stream(delayMs: number, first: Socket): Promise<void> {
  let socket = first;
  await sleep(delayMs);
  for (let round = 0; round < job.rounds && !phase.isOver; round++) {
    try {
      if (socket.destroyed) sockets.add((socket = await open()));
      await ask(socket);
      answers += 1;
    } catch (error) {
      failures += 1;
      failure ??= phase.isCut ? `not answered within ${job.limitMs / 1000} s` : String(error instanceof Error ? error.message : error);
      socket.destroy();
      if (phase.isCut) return;
      await sleep(100);
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : resolve()));

const free = await Promise.all(Array.from({ length: job.streams }, open));
for (const socket of free) sockets.add(socket);
for (let round = 0; round < job.warmUps; round++) await Promise.all(free.map(ask));

const use = (): { at: number; cpu: number; own: number } => {
  const own = process.cpuUsage();
  return { at: performance.now(), cpu: job.pid === null ? 0 : cpuMs(job.pid), own: (own.user + own.system) / 1000 };
};
let from = use();
let to: typeof from | null = null;
const begin = (): void => {
  from = use();
  phase.isCounting = true;
};
const end = (): void => {
  to ??= use();
  phase.isCounting = false;
  phase.isOver = true;
};
if (job.window.fromMs === 0) begin();
else setTimeout(begin, job.window.fromMs);
if (job.window.toMs !== null) setTimeout(end, job.window.toMs);
const cut = setTimeout(() => {
  phase.isCut = true;
  for (const socket of sockets) socket.destroy();
}, job.limitMs);

await Promise.all(free.map((socket, place) => stream((place * job.spreadMs) / job.streams, socket)));
clearTimeout(cut);
end();
for (const socket of sockets) socket.destroy();

const ends = to!;
const seen: Seen = {
  answers,
  failures,
  failure,
  ttftMs: ttftMs.toSorted((a, b) => a - b),
  deltas,
  late,
  worstMs,
  delayP50Ms: middle(),
  windowMs: ends.at - from.at,
  cpuMs: ends.cpu - from.cpu,
  ownCpuMs: ends.own - from.own,
};
process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));

function middle(): number {
  let passed = 0;
  for (const [tenth, some] of DELAYS.entries()) if ((passed += some) * 2 >= deltas) return tenth / 10;
  return 0;
}
