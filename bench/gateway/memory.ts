import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../process.ts";
import type { Row, Section } from "../section.ts";
import { type Contestant, FLOORS, OURS } from "./contestants.ts";
import { burst, fileRss, type Mock, peakRss, startMock, steady } from "./measure.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const STREAMS = 300;
/** As many requests a second as at 50 tokens a second, with fewer tokens between them: a busy machine can keep up, and memory is in requests. */
const RATE = 8;

interface Memory {
  readonly start: number;
  readonly burst: number;
  readonly steady: number;
  readonly file: number;
}

/** Nothing but the memory of gateways, which a busy machine measures nearly as well as an idle one. */
export const gatewayMemory: Section = {
  name: "gateway-memory",
  async run({ log }) {
    const folder = await mkdtemp(join(tmpdir(), "serac-bench-"));
    log("gateway-memory: the bundle");
    await run(process.execPath, [join(ROOT, "scripts/build.ts")], { cwd: ROOT });
    const mock = await startMock();
    try {
      const cell = async (contestants: readonly Contestant[]): Promise<string> => {
        const cells: string[] = [];
        for (const contestant of contestants) {
          log(`gateway-memory: ${contestant.name}`);
          const { start, burst: crowded, steady: after, file } = await memoryOf(contestant, mock, folder);
          cells.push(
            `${contestant.name.replace("serac, ", "")}: ${[start, crowded, after].map(mb).join(" / ")}, of it ${mb(file)} in files`,
          );
        }
        return cells.join("; ");
      };
      const what = `memory (RSS, peak) in MB at the start / after ${STREAMS} requests at the same moment / after ${STREAMS} streams at any time`;
      const row: Row = { what, target: "< 120", serac: await cell(OURS), peer: await cell(FLOORS) };
      return [row];
    } finally {
      await mock.server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function memoryOf(contestant: Contestant, mock: Mock, folder: string): Promise<Memory> {
  const server = await contestant.start(mock.server.url, folder);
  try {
    const start = peakRss(server);
    await burst(mock, server, STREAMS);
    const crowded = peakRss(server);
    await steady(mock, server, STREAMS, RATE);
    return { start, burst: crowded, steady: peakRss(server), file: fileRss(server) };
  } finally {
    await server.stop();
  }
}

const mb = (megabytes: number): string => megabytes.toFixed(0);
