import type { RequestRecord } from "../../core/gateway/deps.ts";
import { count } from "../format/count.ts";
import { printable } from "../format/printable.ts";

/** One request on one line, with its end: times, counts, never content. */
export function requestLine(record: RequestRecord): string {
  const { durationMs, firstTokenMs, outputTokens } = record;
  const parts = [
    record.at.slice(11, 19),
    record.route,
    ...(record.model === null ? [] : [named(record.model)]),
    record.error === null ? String(record.status) : `${record.status} ${record.error}`,
    milliseconds(durationMs),
    ...(firstTokenMs === null ? [] : [`first ${milliseconds(firstTokenMs)}`]),
    ...(record.inputTokens > 0 ? [`in ${count(record.inputTokens)} (${count(record.cachedTokens)} cached)`] : []),
    ...(outputTokens > 0 ? [`out ${count(outputTokens)}${rateOf(record)}`] : []),
    ...(record.keyId === null ? [] : [`key ${named(record.keyId)}`]),
  ];
  return `${parts.join("  ")}\n`;
}

const LONGEST_NAME = 60;

/** The client chose the name: it must neither move the cursor nor fill the screen. */
const named = (text: string): string => printable(text.slice(0, LONGEST_NAME)).replaceAll(/[\n\t]/g, " ");

function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function rateOf({ durationMs, firstTokenMs, outputTokens }: RequestRecord): string {
  const writingMs = durationMs - (firstTokenMs ?? 0);
  return firstTokenMs === null || outputTokens < 2 || writingMs < 1
    ? ""
    : `, ${count(Math.round((outputTokens - 1) / (writingMs / 1000)))}/s`;
}
