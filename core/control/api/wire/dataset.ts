import * as z from "zod";
import { linkUrl, runId, timestamp } from "./fields.ts";

export const datasetSchema = z
  .object({
    runId,
    rehearsal: z.boolean(),
    formats: z.array(z.string()).readonly().meta({ description: "Of the rows; several have a folder each." }),
    files: z
      .array(
        z.object({
          path: z.string().meta({ description: "Within the dataset.", example: "t1/train-00000.jsonl" }),
          bytes: z.int(),
          version: z.string().meta({ description: "Changes with the content." }),
          url: linkUrl,
        }),
      )
      .readonly()
      .meta({ description: "The cards, README.md, come last." }),
    expiresAt: timestamp,
  })
  .meta({ id: "Dataset" });
