import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { runJson } from "../process.ts";
import type { Job, Seen } from "./load.ts";
import { fileRssMb, peakRssMb } from "./process-use.ts";
import { OTHER_CORE, pinned, startServer, type Server } from "./server.ts";

const HERE = import.meta.dirname;

/** Tokens of an answer, and how many a second come where answers are paced. */
export const TOKENS = 100;
export const RATE = 50;

export interface Mock {
  readonly server: Server;
  /** What the next answers are. Waits for those under way: not every gateway leaves a stream that its client has left. */
  set(tokens: number, rate: number): Promise<void>;
}

export async function startMock(): Promise<Mock> {
  const server = await startServer(OTHER_CORE, { command: process.execPath, args: [join(HERE, "mock.ts")], url: null });
  return {
    server,
    async set(tokens, rate) {
      for (;;) {
        const response = await fetch(`${server.url}/control?tokens=${tokens}&rate=${rate}`);
        const { streams } = (await response.json()) as { streams: number };
        if (streams === 0) return;
        await wait(100);
      }
    },
  };
}

async function load(job: Job): Promise<Seen> {
  const [command, args] = await pinned(OTHER_CORE, process.execPath, [join(HERE, "load.ts"), JSON.stringify(job)]);
  return runJson<Seen>(command, args);
}

type Target = Pick<Server, "url" | "pid">;
const whole = { fromMs: 0, toMs: null };

/** One request after another. `paced`: answers come at 50 tokens a second, so that there is quiet between the tokens. */
export async function serial(mock: Mock, { url, pid }: Target, rounds: number, paced: boolean): Promise<Seen> {
  const tokens = paced ? 5 : TOKENS;
  await mock.set(tokens, paced ? RATE : 0);
  return load({ url, pid, streams: 1, tokens, warmUps: paced ? 20 : 150, rounds, spreadMs: 0, window: whole, limitMs: 120_000 });
}

/** That many requests at the same moment, 50 tokens a second each. */
export async function burst(mock: Mock, { url, pid }: Target, streams: number): Promise<Seen> {
  await mock.set(TOKENS, RATE);
  return load({ url, pid, streams, tokens: TOKENS, warmUps: 0, rounds: 1, spreadMs: 0, window: whole, limitMs: 60_000 });
}

/** That many streams at any time: each asks again as soon as it has its answer, and no two at the same moment. `rate`: tokens a second. */
export async function steady(mock: Mock, { url, pid }: Target, streams: number, rate = RATE): Promise<Seen> {
  const answerMs = (TOKENS / RATE) * 1000;
  const tokens = (rate * answerMs) / 1000;
  await mock.set(tokens, rate);
  const window = { fromMs: answerMs, toMs: answerMs + 6_000 };
  return load({ url, pid, streams, tokens, warmUps: 0, rounds: 1_000, spreadMs: answerMs, window, limitMs: 30_000 });
}

/** CPU of nothing but tokens: a window in which no answer begins or ends. Microseconds a token. */
export async function cpuOfToken(mock: Mock, { url, pid }: Target, streams: number): Promise<{ micros: number; seen: Seen }> {
  const tokens = 10 * RATE;
  await mock.set(tokens, RATE);
  const window = { fromMs: 3_000, toMs: 9_000 };
  const seen = await load({ url, pid, streams, tokens, warmUps: 0, rounds: 1, spreadMs: 500, window, limitMs: 60_000 });
  return { micros: (seen.cpuMs * 1000) / Math.max(1, seen.deltas), seen };
}

export const peakRss = (target: Target): number => peakRssMb(target.pid);
export const fileRss = (target: Target): number => fileRssMb(target.pid);

export const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
