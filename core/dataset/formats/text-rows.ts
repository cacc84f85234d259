import { scalar, text } from "../columns/column.ts";
import type { DatasetFormat } from "./format.ts";
import type { TextFormat } from "./text-format.ts";

/** The row form of a text format. The tools stand in the system prompt; a tools column would make trainers add them a second time. */
export function textRows(name: "hermes" | "xml", description: string, format: TextFormat): DatasetFormat {
  return {
    name,
    description,
    messageFields: [text("role"), text("content"), scalar("train", "bool")],
    counted: { name, format },
    messages: (turns, record) => format.render(turns, record.tools)?.map((message) => ({ ...message })) ?? null,
    tools: () => "[]",
  };
}
