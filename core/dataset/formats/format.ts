import type { Trajectory } from "../../agent/trajectory.ts";
import type { DATASET_FORMATS } from "../../config/schema.ts";
import type { Column, Row } from "../columns/column.ts";
import type { Turn } from "../conversation.ts";
import type { TextFormat } from "./text-format.ts";

export type FormatName = (typeof DATASET_FORMATS)[number];

/** How a trajectory becomes the `messages` and `tools` of a row. A new format is a new file here and a line in the index. */
export interface DatasetFormat {
  readonly name: FormatName;
  /** One sentence for the card. */
  readonly description: string;
  /** Fields of a message. */
  readonly messageFields: readonly Column[];
  /** The text in which turns are counted and cut. A format of structured messages is counted as Hermes text. */
  readonly counted: { readonly name: "hermes" | "xml"; readonly format: TextFormat };
  /** `turns` is the conversation, cut where the filters cut it; null when it cannot be written in this format. */
  messages(turns: readonly Turn[], trajectory: Trajectory): readonly Row[] | null;
  /** JSON text of the tools column. */
  tools(trajectory: Trajectory): string;
}
