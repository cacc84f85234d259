import { DIAGNOSIS } from "./agent/script.ts";
import type { Subject } from "./agent/subject.ts";
import { subjectOf } from "./agent/subject.ts";
import type { Answer } from "./answer.ts";
import { reasoningStyle } from "./answer.ts";
import type { Draw } from "./draw.ts";
import { createDraw, fraction } from "./draw.ts";
import type { RecipeName } from "./edit/recipes.ts";
import { RECIPES, recipesIn } from "./edit/recipes.ts";

/** One text in thirty-three quotes the change, so that the rewrite is rehearsed as well. */
const LEAKY = 0.03;

/** The text of a pull request, from the transcript in the prompt; `key` is the conversation's digest. */
export function writePullRequest(prompt: string, key: string): Answer {
  const draw = createDraw(key, "pull-request");
  const found = diagnosisIn(prompt);
  const symptoms = found.recipes.map((recipe) => draw.pick(RECIPES[recipe].symptoms));
  const text = compose(found.subject, symptoms, draw);
  const leak = draw.chance(LEAKY) ? addedLine(prompt) : null;
  return {
    content: `<output>\n${text}${leak === null ? "" : `\n\nIt could read\n\n    ${leak}\n`}\n</output>`,
    reasoning: "I tell what is wrong and where, and keep the change itself out of it.",
    style: reasoningStyle(fraction(key, "reasoning")),
    calls: [],
  };
}

interface Diagnosis {
  readonly subject: Subject;
  readonly recipes: readonly RecipeName[];
}

/** What the agent said it had found; a text without it is read for a function and for symptoms. */
function diagnosisIn(prompt: string): Diagnosis {
  const at = prompt.lastIndexOf(DIAGNOSIS);
  const sentence = at < 0 ? "" : (prompt.slice(at).split("\n", 1)[0] ?? "");
  const match = /`([^`]+)`, `([^`]+)`/.exec(sentence);
  const subject =
    match?.[1] !== undefined && match[2] !== undefined
      ? { path: match[1], name: match[2] }
      : (subjectOf(prompt) ?? { path: "the sources", name: "it" });
  const recipes = recipesIn(at < 0 ? prompt : sentence);
  return { subject, recipes: recipes.length > 0 ? recipes : ["docs"] };
}

function compose({ path, name }: Subject, symptoms: readonly string[], draw: Draw): string {
  const [first = "", ...more] = symptoms;
  const title = draw.pick([`\`${name}\` ${first}`, `Trouble with \`${name}\``, `\`${name}\` needs attention`]);
  const opening = draw.pick([`The function \`${name}\` in \`${path}\` ${first}.`, `In \`${path}\`, the function \`${name}\` ${first}.`]);
  const also = more.map((symptom) => draw.pick([`It also ${symptom}.`, `On top of that it ${symptom}.`]));
  const context = draw.pick([
    "I came across this while I was following a report from a colleague, and it took me a good while to see where it comes from.",
    "This has been there for some time; it only shows with inputs that are rare in daily use.",
    "Nothing in the code around it makes up for this, and the callers cannot know.",
  ]);
  const expected = draw.pick([
    "I would expect the function to say clearly what it needs and to behave the same way for every input.",
    "What one would expect instead: predictable behaviour, also at the edges, and code that tells its reader why.",
    "Expected: callers get what the name promises, without having to know how it works inside.",
  ]);
  const ending = draw.pick([
    "The interface should stay as it is.",
    "Existing callers must keep working.",
    "A small, local change should be enough.",
  ]);
  return [`# ${title}`, [opening, ...also].join(" "), context, `${expected} ${ending}`].join("\n\n");
}

/** A line that the change added and that is long enough to give it away; null when the prompt shows no change. */
function addedLine(prompt: string): string | null {
  const added = [...prompt.matchAll(/^\+(?!\+\+)(.*)$/gm)].map((match) => (match[1] ?? "").trim()).filter((line) => line.length >= 20);
  return added.at(-1) ?? null;
}
