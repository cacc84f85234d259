import { instancePrompt, ownersNotes } from "../../../../agent/toolsets/swe-agent/prompts.ts";
import type { PathMap } from "../../../paths/path-map.ts";

/** The model's first prompt: a person's words as the text of a pull request, and what the owners of the repository wrote down. */
export function taskPrompt(texts: readonly string[], reminders: readonly string[], paths: PathMap): string {
  const notes = reminders.map(readNotes).filter((text) => text !== "");
  const prompt = instancePrompt({ kind: "pull_request", text: paths.toModel(texts.join("\n\n")) });
  return notes.length === 0 ? prompt : prompt + ownersNotes(paths.toModel(notes.join("\n\n")));
}

/**
 * The files of notes in one of the client's reminders, each with the line that names it. What clients write around them is left out:
 * an introduction in front; 1.0.128 also has sections of its own behind, `# important-instruction-reminders` and the like, and an
 * indented closing remark.
 */
export function readNotes(reminder: string): string {
  const from = /^Contents of \/.*:$/m.exec(reminder)?.index;
  if (from === undefined) return "";
  const notes = reminder.slice(from).replace(/<\/system-reminder>\s*$/, "");
  const end = /^(?:# (?:important-instruction-reminders|currentDate|gitStatus|userEmail)$| {6}IMPORTANT: )/m.exec(notes)?.index;
  return notes.slice(0, end).trim();
}
