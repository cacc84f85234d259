import { surveyRepository } from "../../core/survey/index.ts";
import { folderSource } from "../../test/unit/survey/folder-source.ts";

/** Surveys the folder argv[2] with the default rules; prints what it took and found as one JSON document. */
const rules = { skipTests: true, skipVendored: true, skipGenerated: true, maxFileMb: 2, languages: [], include: [], exclude: [] };
const start = performance.now();
const { functions, summary } = await surveyRepository(folderSource(process.argv[2] ?? "."), rules);
const tookMs = Math.round(performance.now() - start);
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  JSON.stringify({
    tookMs,
    peakRssMb,
    files: summary.files,
    skipped: summary.skipped,
    functions: functions.map(({ path, name, startLine, endLine }) => [path, name, startLine, endLine]),
  }),
);
