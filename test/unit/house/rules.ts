import type { Import, ImportGraph } from "./imports.ts";

/**
 * The floors of the house, from the ground. A file imports only from lower floors and from its own room; rooms of one
 * floor do not know each other.
 */
export const FLOORS: readonly (readonly string[])[] = [
  ["core/errors"],
  ["core/config"],
  ["core/survey"],
  ["core/agent", "core/plan"],
  ["core/svg", "core/gateway"],
  ["core/dataset"],
  ["core/training"],
  ["core/control", "core/evaluate"],
  ["drivers"],
  ["cli", "lambdas", "batch-images"],
  ["bin"],
];

/** What runs programs, opens databases or talks to a network is for drivers. */
const NOT_IN_CORE =
  /^(node:)?(child_process|cluster|sqlite|net|tls|dgram|dns|http|https|http2|inspector|repl)(\/|$)|^(@aws-sdk|@hono\/node-server|better-sqlite3|cli-progress|commander|just-bash|openai|pino)(\/|$)/;

/** The one place of each upper room that names drivers. */
const WIRING = /^((cli|lambdas)\/platform(\.ts|\/)|batch-images\/)/;

/** What may be imported by the tests and benchmarks alone. */
const BESIDE_THE_HOUSE = /^(test|bench)\//;

/** Errors because what reads a deployment's settings throws InputError, as core/config does. */
const LIB_MAY_USE = /^core\/(config\/|errors\/|names\.ts$|svg\/names\.ts$)/;

/** Each violation is one sentence that names file, line, import and rule. */
export function violations(graph: ImportGraph): string[] {
  return [...graph].flatMap(([file, imports]) =>
    imports.flatMap((found) => {
      const broken = brokenRule(file, found);
      return broken === null ? [] : [`${file}:${found.line} imports ${found.specifier}: ${broken}`];
    }),
  );
}

function brokenRule(file: string, { specifier, target }: Import): string | null {
  if (target === null)
    return file.startsWith("core/") && NOT_IN_CORE.test(specifier)
      ? "core runs no program, opens no database, has no network; put it behind a port"
      : null;
  if (BESIDE_THE_HOUSE.test(file)) return null;
  if (BESIDE_THE_HOUSE.test(target)) return "only tests and benchmarks import from test/ and bench/";
  if (file.startsWith("lib/")) return brokenByLib(target);
  if (target.startsWith("lib/"))
    return /^(bin|scripts)\//.test(file) ? null : "lib stands beside the house; only bin and scripts import it";
  if (!/\.[cm]?tsx?$/.test(target)) return null;
  const own = floorOf(file);
  const other = floorOf(target);
  if (own === null) return null;
  if (other === null) return `${target} is on no floor; FLOORS in test/unit/house/rules.ts lists them`;
  if (roomOf(file) === roomOf(target)) return null;
  if (roomOf(target).startsWith("drivers/") && own > other && !WIRING.test(file))
    return "only cli/platform.ts, lambdas/platform.ts and batch-images name a driver";
  if (own > other) return null;
  return own === other
    ? `${roomOf(file)} and ${roomOf(target)} are on the same floor and must not know each other`
    : `${roomOf(target)} is on a floor above ${roomOf(file)}`;
}

function brokenByLib(target: string): string | null {
  return target.startsWith("lib/") || LIB_MAY_USE.test(target)
    ? null
    : "lib imports nothing of core but config and names, and no other room";
}

/** `core/svg`, `drivers/sqlite`, `cli`. */
export function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "core" || first === "drivers" ? `${first}/${second}` : first;
}

function floorOf(path: string): number | null {
  const room = roomOf(path);
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room) || rooms.includes(path.split("/")[0] ?? ""));
  return floor < 0 ? null : floor;
}

/** One shortest circle for every group of files that import each other, written `a -> b -> a`. */
export function circles(graph: ImportGraph): string[] {
  const targetsOf = (file: string): string[] =>
    (graph.get(file) ?? []).flatMap(({ target }) => (target !== null && graph.has(target) ? [target] : []));
  const found: string[] = [];
  const told = new Set<string>();
  for (const start of graph.keys()) {
    if (told.has(start)) continue;
    const circle = shortestWayBack(start, targetsOf);
    if (circle === null) continue;
    circle.forEach((file) => told.add(file));
    found.push([...circle, start].join(" -> "));
  }
  return found;
}

function shortestWayBack(start: string, targetsOf: (file: string) => string[]): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const target of targetsOf(file)) {
      if (target === start) return wayTo(file, start, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return null;
}

function wayTo(file: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [file];
  for (let at = file; at !== start; way.unshift(at)) at = cameFrom.get(at)!;
  return way;
}
