import type { Draw } from "../draw.ts";
import { languageOf, SOURCE_EXTENSIONS } from "../source/language.ts";
import type { Script } from "./action.ts";
import { quoted } from "./belt.ts";
import type { Role } from "./script.ts";
import { rollout } from "./script.ts";

const DEFINITION = /\b(?:def|function|func|fn|fun)\s+([A-Za-z_$][\w$]*)/;

/** A rollout whose prompt names no function: the agent looks for one itself. */
export function* wander(role: Omit<Role, "place">, draw: Draw): Script {
  const { belt } = role;
  const names = SOURCE_EXTENSIONS.map((extension) => `-name ${quoted(`*.${extension}`)}`).join(" -o ");
  const listing = yield {
    ...belt.shell(`find . -type f \\( ${names} \\) -not -path '*/.git/*' -not -path '*/node_modules/*' | sort | head -60`),
    say: "The description names no place. I look for the sources.",
    think: "Without a name I have to find a likely place myself.",
  };
  const paths = listing
    .split("\n")
    .flatMap((line) => (/^\.\/.+\.\w+$/.test(line.trim()) && languageOf(line.trim()) !== null ? [line.trim().slice(2)] : []));
  if (paths.length > 0) {
    const path = draw.pick(paths);
    const found = yield {
      ...belt.shell(`grep -nE ${quoted("(def|function|func|fn|fun) +[A-Za-z_]")} ${quoted(path)} | head -40`),
      say: `What is in ${path}?`,
      think: "One of these functions could be it.",
    };
    const functions = found.split("\n").flatMap((line) => DEFINITION.exec(line)?.[1] ?? []);
    const language = languageOf(path);
    if (functions.length > 0 && language !== null)
      return yield* rollout({ ...role, place: { path, name: draw.pick(functions), language } }, draw);
  }
  for (;;) yield { ...belt.submit(), say: "I find nothing that needs a change.", think: "There is no place that fits." };
}
