import type { Contestant } from "./contestants.ts";
import type { Seen } from "./load.ts";
import { at, burst, cpuOfToken, type Mock, peakRss, serial, steady } from "./measure.ts";
import type { Server } from "./server.ts";

const REQUESTS = 400;
const PACED_REQUESTS = 300;
export const BURSTS = [32, 128, 300] as const;
const STEPS = [25, 50, 100, 200, 300, 400, 500, 600] as const;
/** Of the deltas of a step, what may come later than 50 ms before the step counts as too many streams. */
const LATE_SHARE = 0.001;

/** Milliseconds and megabytes, unless said otherwise. */
export interface Figures {
  readonly ttft: { readonly p50: number; readonly p99: number };
  readonly pacedTtft: { readonly p50: number; readonly p99: number };
  readonly cpuOfRequest: number;
  readonly cpuOfTokenMicros: number;
  /** After one stream at a time, and after 64 at once. */
  readonly rssAlone: number;
  /** By number of streams that begin at the same moment; text where the gateway failed. */
  readonly bursts: readonly (number | string)[];
  /** By number of streams at any time, up to the first step that was too much. */
  readonly steps: readonly Step[];
  /** After 300 streams, or as many as it could carry. */
  readonly rssCrowd: number;
}

export interface Step {
  readonly streams: number;
  readonly isCarried: boolean;
  readonly seen: Seen;
}

export async function figuresOf(contestant: Contestant, mock: Mock, folder: string, log: (line: string) => void): Promise<Figures> {
  log(`gateway: ${contestant.name}`);
  const server = await contestant.start(mock.server.url, folder);
  try {
    const alone = whole(await serial(mock, server, REQUESTS, false));
    const paced = whole(await serial(mock, server, PACED_REQUESTS, true));
    const token = await cpuOfToken(mock, server, 64);
    const rssAlone = peakRss(server);
    const bursts: (number | string)[] = [];
    for (const streams of BURSTS) bursts.push(burstText(await burst(mock, server, streams)));
    const crowd = await climb(mock, server);
    return {
      ttft: { p50: at(alone.ttftMs, 0.5), p99: at(alone.ttftMs, 0.99) },
      pacedTtft: { p50: at(paced.ttftMs, 0.5), p99: at(paced.ttftMs, 0.99) },
      cpuOfRequest: alone.cpuMs / alone.answers,
      cpuOfTokenMicros: token.micros,
      rssAlone,
      bursts,
      ...crowd,
    };
  } finally {
    await server.stop();
  }
}

async function climb(mock: Mock, server: Server): Promise<Pick<Figures, "steps" | "rssCrowd">> {
  const steps: Step[] = [];
  let rssCrowd = peakRss(server);
  for (const streams of STEPS) {
    const seen = await steady(mock, server, streams);
    const isCarried = seen.failures === 0 && seen.deltas > 0 && seen.late <= seen.deltas * LATE_SHARE;
    steps.push({ streams, isCarried, seen });
    if (streams <= 300) rssCrowd = peakRss(server);
    if (!isCarried) break;
  }
  return { steps, rssCrowd };
}

const burstText = (seen: Seen): number | string => (seen.failures === 0 ? at(seen.ttftMs, 0.5) : `${seen.failures} fail (${seen.failure})`);

function whole(seen: Seen): Seen {
  if (seen.failures > 0) throw new Error(`${seen.failures} of ${seen.answers + seen.failures} requests failed: ${seen.failure}`);
  return seen;
}
