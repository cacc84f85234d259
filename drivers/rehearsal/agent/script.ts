import type { Draw } from "../draw.ts";
import type { RecipeName } from "../edit/recipes.ts";
import type { Action, Scene, Script } from "./action.ts";
import type { Belt } from "./belt.ts";
import { quoted } from "./belt.ts";
import { explore } from "./explore.ts";
import type { Place } from "./locate.ts";
import { locate } from "./locate.ts";
import { apply, choose, follow } from "./repair.ts";

export interface Role {
  readonly belt: Belt;
  readonly place: Place;
  /** Repairs that the text of a pull request speaks of; null in a first rollout. */
  readonly told: readonly RecipeName[] | null;
  /** Never submits. */
  readonly isEndless: boolean;
}

/** The beginning of the sentence by which the writer recognises what was found. */
export const DIAGNOSIS = "Diagnosis: in";

/** One rollout from beginning to end, written as if it ran in one go. */
export function* rollout(role: Role, draw: Draw): Script {
  const { belt, place, told } = role;
  yield* explore(belt, place.path, place.name, draw);
  const located = yield* locate(belt, place);
  const plan = told === null ? choose(located, place, draw) : follow(located, place, told, draw);
  const hasScript = draw.chance(0.35);
  // Now and then there is nothing that the agent would change.
  const gaveUp = told === null && draw.chance(0.02);

  if (hasScript) yield* reproduce(belt, place, draw);
  if (plan !== null && !gaveUp) {
    const found = plan.symptoms.join("; it also ");
    const say =
      told === null
        ? `${DIAGNOSIS} \`${place.path}\`, \`${place.name}\` ${found}.`
        : "The description fits this place; here is the change.";
    yield* apply(belt, place, plan, say);
    yield* check(belt, place, draw);
  }
  if (hasScript)
    yield { ...belt.shell(`rm -f ${SCRIPT}`), say: "The script has done its work; it goes.", think: "Nothing temporary may stay behind." };

  for (let turn = 0; role.isEndless; turn += 1) {
    yield { ...belt.shell(`sed -n '${turn + 1},${turn + 3}p' ${quoted(place.path)}`), say: "One more look.", think: "I am not sure yet." };
  }
  for (;;) yield { ...belt.submit(), say: "The change is complete.", think: "Everything asked for is done and checked; I hand it in." };
}

const SCRIPT = "reproduce_it.sh";

/** A small script that shows the state of things, run once. Shell, because that is what every sandbox has. */
function* reproduce(belt: Belt, { path, name }: Place, draw: Draw): Scene<void> {
  const lines = [
    `# Shows what ${name.replace(/[^\w.$]/g, "")} looks like before and after the change.`,
    `file=${quoted(path)}`,
    'test -f "$file" || { echo "no $file"; exit 1; }',
    'echo "lines: $(wc -l < "$file")"',
    "",
  ];
  yield {
    ...belt.create(SCRIPT, lines.join("\n")),
    say: "A script that shows the problem.",
    think: "Before I change anything I want to see it.",
  };
  yield {
    ...belt.shell(draw.chance(0.5) ? `bash ${SCRIPT}` : `bash ./${SCRIPT} && echo done`),
    say: "I run it.",
    think: "This is the state before the change.",
  };
}

function* check(belt: Belt, { path, language }: Place, draw: Draw): Scene<void> {
  const file = quoted(path);
  const checks: readonly Pick<Action, "tool" | "input">[] = [
    belt.shell("git diff --stat"),
    belt.shell(`git diff -- ${file}`),
    ...(language.family === "python"
      ? [belt.shell(`python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], "rb").read())' ${file} && echo fine`)]
      : []),
    ...(language.family === "go" ? [belt.shell(`gofmt -l ${file}`)] : []),
  ];
  for (let count = draw.pick([0, 1, 1, 2, 3]); count > 0; count -= 1) {
    yield { ...draw.pick(checks), say: "Does it look as it should?", think: "I check my own edit before I hand it in." };
  }
}
