import * as z from "zod";

const listedFunction = z.tuple([z.string(), z.int(), z.int()]);
const fileFunctions = z.object({ path: z.string(), functions: z.array(listedFunction).optional(), error: z.string().optional() });
const survey = z.object({
  tookMs: z.number(),
  peakRssMb: z.number(),
  files: z.int(),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  functions: z.array(z.tuple([z.string(), z.string(), z.int(), z.int()])),
});

/** Name, first line, last line; 1-based, inclusive. Some parsers list qualified names, some plain ones. */
export type ListedFunction = z.infer<typeof listedFunction>;
/** What a language's own parser says of one file: its functions, or why it has none to list. */
export type FileFunctions = z.infer<typeof fileFunctions>;

export function readListing(jsonLines: string): FileFunctions[] {
  return jsonLines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => fileFunctions.parse(JSON.parse(line)));
}

/** What bench/survey prints of one survey. */
export function readSurvey(json: string): z.infer<typeof survey> {
  return survey.parse(JSON.parse(json));
}
