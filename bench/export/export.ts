import { exportRun, qwen3Tokenizer, type DatasetFile, type DatasetSink } from "../../core/dataset/index.ts";
import { openDatasetFolder } from "../../drivers/dataset-folder/index.ts";
import { RUN, syntheticRun } from "./synthetic-run.ts";

/**
 * usage: node bench/export/export.ts [trajectories] [stored|counted] [output folder]
 *
 * Peak memory and speed of an export to JSONL and Parquet, as one JSON line. `stored`: token counts lie beside the trajectories, as they do
 * after the export that ends every run; `counted`: this export counts them. MB are of the JSON lines written; without a folder the
 * bytes are dropped after they were made.
 */
const samples = Number(process.argv[2] ?? 200_000);
const mode = process.argv[3] ?? "stored";
const folder = process.argv[4];

const tokenizer = await qwen3Tokenizer();
const platform = syntheticRun(samples, mode === "stored" ? { tokenizer } : null);
const written = { jsonl: 0, parquet: 0 };

function discard(): DatasetSink {
  const create = (path: string): Promise<DatasetFile> =>
    Promise.resolve({
      write: (chunk) => {
        if (path.endsWith(".parquet")) written.parquet += chunk.byteLength;
        else written.jsonl += chunk.byteLength;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  return { create, commit: () => Promise.resolve("nowhere"), abort: () => Promise.resolve() };
}

let quarterRss = 0;
const start = performance.now();
const cpuBefore = process.cpuUsage();
const report = await exportRun(
  platform,
  RUN,
  { format: "hermes", sink: folder === undefined ? discard() : await openDatasetFolder(folder), minKeptRatio: 0 },
  {
    onProgress: ({ considered }) => {
      if (considered === Math.floor(samples / 400) * 100) quarterRss = process.memoryUsage().rss;
    },
  },
);
const seconds = (performance.now() - start) / 1000;
const cpu = process.cpuUsage(cpuBefore);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
const mb = (bytes: number): number => Math.round(bytes / 1e6);
console.log(
  JSON.stringify({
    bench: "export",
    mode,
    trajectories: report.t2.rows,
    steps: report.t2.steps,
    jsonMb: mb(report.characters),
    parquetMb: mb(written.parquet),
    seconds: Number(seconds.toFixed(1)),
    cpuSeconds: Number(cpuSeconds.toFixed(1)),
    mbPerSecond: Number((report.characters / 1e6 / seconds).toFixed(1)),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1000),
    rssAtQuarterMb: mb(quarterRss),
    rssAtEndMb: mb(process.memoryUsage().rss),
  }),
);
