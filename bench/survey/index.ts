import { join } from "node:path";
import { DJANGO, peersPython, sourceOf, SYMPY } from "../packages.ts";
import { run, runJson } from "../process.ts";
import type { Row, Section } from "../section.ts";

interface SeracFigures {
  readonly package: string;
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly functions: number;
  readonly listedByAst: number;
  readonly found: number;
  readonly target: string;
}
interface PeerFigures {
  readonly functions: number;
  readonly seconds: number;
  readonly peakRssMb: number;
}

/** Measured once on this kind of machine, since it takes twelve minutes; `--slow` measures it again. */
const SYMPY_PEER = "code2flow: 702 s, 1070 MB, 61 % (measured 2026-11; `--slow` runs it)";

export const survey: Section = {
  name: "survey",
  async run({ slow, log }) {
    log("survey: serac");
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, "survey.ts")]);
    const ours: readonly SeracFigures[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const rows: Row[] = [];
    for (const figures of ours) {
      const sdist = figures.package.startsWith("sympy") ? SYMPY : DJANGO;
      const isMeasured = slow || sdist === DJANGO;
      if (isMeasured) log(`survey: code2flow on ${sdist.name}`);
      const peer = isMeasured ? await code2flow(await sourceOf(sdist), figures.listedByAst) : SYMPY_PEER;
      const share = ((100 * figures.found) / figures.listedByAst).toFixed(1);
      rows.push({
        what: `survey of ${figures.package}, ${figures.functions} functions`,
        target: `${figures.target}, every function of ast`,
        serac: `${figures.seconds.toFixed(1)} s, ${figures.peakRssMb} MB, ${share} %`,
        peer,
      });
    }
    return rows;
  },
};

/** What became of the peer: figures, or the last line of its failure. */
async function code2flow(tree: string, listed: number): Promise<string> {
  try {
    const { seconds, peakRssMb, functions } = await runJson<PeerFigures>(await peersPython(), [
      join(import.meta.dirname, "code2flow_peer.py"),
      tree,
    ]);
    return `code2flow: ${seconds} s, ${peakRssMb} MB, ${functions} of ${listed} functions`;
  } catch (error) {
    const last = String(error).trim().split("\n").at(-1);
    return `code2flow: ends with ${last} and no list (Django 3.2, measured 2026-11: 11.5 s, 40 %)`;
  }
}
