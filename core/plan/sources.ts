import type { SeracConfig } from "../config/schema.ts";
import { COUNTED, COUNT_SOURCE } from "./cloud/counted.ts";
import { TIMED, TIME_SOURCE, type Timing } from "./cloud/timed.ts";
import type { Figure, FigureKind, Figures } from "./figures.ts";
import type { Range } from "./range.ts";

/** A figure that an estimate rests on. */
export interface Source {
  readonly figure: string;
  readonly kind: FigureKind;
  /** For a person who wants to judge it. */
  readonly source: string;
  readonly value: Range;
}

/** Everything that an estimate rests on; what was measured comes first. */
export function sourcesOf(config: SeracConfig, figures: Figures): readonly Source[] {
  const all = [...Object.values(figures.of).map(sourceOf), ...otherSources(figures), ...functionSources(), ...configured(config)];
  const order = ["measured", "assumed", "benchmark", "configured"] as const satisfies readonly FigureKind[];
  return order.flatMap((kind) => all.filter((source) => source.kind === kind));
}

const sourceOf = ({ what, kind, source, low, likely, high }: Figure): Source => ({
  figure: what,
  kind,
  source,
  value: { low, likely, high },
});

const otherSources = ({ replySeconds, accepted }: Figures): Source[] =>
  [replySeconds, accepted].flatMap((figure) => (figure === null ? [] : [sourceOf(figure)]));

function functionSources(): Source[] {
  const timed = Object.values<Timing>(TIMED).map((timing) => sourceOf({ ...timing, kind: "benchmark", source: TIME_SOURCE }));
  const { call, sample } = COUNTED;
  const counted = (figure: string, value: number): Source => ({ figure, kind: "benchmark", source: COUNT_SOURCE, value: exactly(value) });
  return [
    ...timed,
    counted("write units of the table for a call", call.tableWriteUnits),
    counted("write units of the table for a sample, beside calls and rollouts", sample.tableWriteUnits),
    counted("objects written for a call", call.objectWrites),
  ];
}

function configured({ teacher }: SeracConfig): Source[] {
  const price = teacher?.price;
  const own = (figure: string, key: string, value: number): Source => ({
    figure,
    kind: "configured",
    source: `the configuration: ${key}`,
    value: exactly(value),
  });
  const atOnce = own("calls at once", "teacher.concurrency", teacher?.concurrency ?? 1);
  return [
    teacher === undefined ? { ...atOnce, source: "the configuration: no teacher" } : atOnce,
    own("USD per 1M input tokens", "teacher.price.input", price?.input ?? 0),
    own("USD per 1M cached input tokens", "teacher.price.cachedInput, else input", price?.cachedInput ?? price?.input ?? 0),
    own("USD per 1M output tokens", "teacher.price.output", price?.output ?? 0),
  ];
}

const exactly = (value: number): Range => ({ low: value, likely: value, high: value });
