import type { DatasetFormat, FormatName } from "./format.ts";
import { hermes } from "./hermes.ts";
import { openai } from "./openai.ts";
import { raw } from "./raw.ts";
import { textRows } from "./text-rows.ts";
import { xml } from "./xml.ts";

export type { DatasetFormat, FormatName } from "./format.ts";

const FORMATS: Readonly<Record<FormatName, DatasetFormat>> = {
  hermes: textRows("hermes", "text messages with tools as JSON lines in the system prompt, calls as JSON in `<tool_call>`", hermes),
  xml: textRows("xml", "text messages with calls as `<function=…>` and `<parameter=…>` in `<tool_call>`", xml),
  openai,
  raw,
};

export function formatNamed(name: FormatName): DatasetFormat {
  return FORMATS[name];
}
