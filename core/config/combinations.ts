import { KIND_IDS } from "./kind-ids.ts";
import type { Mistake } from "./mistakes.ts";
import { nearestOf } from "./nearest-word.ts";
import type { SeracConfig } from "./schema.ts";

/** What each key allows by itself and all of them together do not. */
export function impossibleCombinations(config: SeracConfig): readonly Mistake[] {
  return [...kindMistakes(config.plan), ...limitMistakes(config), ...placeMistakes(config)];
}

function kindMistakes({ kinds, kindWeights, perFunction }: SeracConfig["plan"]): Mistake[] {
  const ids = [...new Set<string>([...KIND_IDS, ...Object.keys(kinds)])];
  const unknown = Object.keys(kindWeights).filter((id) => !ids.includes(id));
  if (unknown.length > 0) return unknown.map((id) => unknownKind(id, ids));
  const weights = new Map(Object.entries(kindWeights));
  const drawn = ids.filter((id) => weights.get(id) !== 0).length;
  if (drawn === 0)
    return [{ path: ["plan", "kindWeights"], text: "plan.kindWeights: every bug kind has weight 0; at least one must have more" }];
  if (perFunction <= drawn) return [];
  return [
    {
      path: ["plan", "perFunction"],
      text: `plan.perFunction: found ${perFunction}; allowed: up to ${drawn}, as many as there are bug kinds with a weight over 0, since each sample of a function needs its own`,
    },
  ];
}

function unknownKind(id: string, ids: readonly string[]): Mistake {
  const nearest = nearestOf(id, ids);
  const advice = nearest === null ? `known are ${ids.join(", ")}, and what plan.kinds adds` : `did you mean ${nearest}?`;
  return { path: ["plan", "kindWeights", id], text: `plan.kindWeights: ${JSON.stringify(id.slice(0, 60))} is no bug kind; ${advice}` };
}

function limitMistakes({ rollout, teacher }: SeracConfig): Mistake[] {
  const mistakes: Mistake[] = [];
  if (rollout.commandSeconds > rollout.totalCommandSeconds) {
    mistakes.push({
      path: ["rollout", "commandSeconds"],
      text: `rollout.commandSeconds: found ${rollout.commandSeconds}; allowed: up to rollout.totalCommandSeconds, which is ${rollout.totalCommandSeconds}`,
    });
  }
  if (teacher?.maxOutputTokens !== undefined && teacher.maxOutputTokens >= rollout.contextTokens) {
    mistakes.push({
      path: ["teacher", "maxOutputTokens"],
      text: `teacher.maxOutputTokens: found ${teacher.maxOutputTokens}; allowed: less than rollout.contextTokens, which is ${rollout.contextTokens}, or nothing is left to read`,
    });
  }
  return mistakes;
}

function placeMistakes({ environment, teacher }: SeracConfig): Mistake[] {
  const mistakes: Mistake[] = [];
  environment.mounts.forEach((mount, index) => {
    if (mount.startsWith("/") && !/^\/+(\.\/*)*$|(^|\/)\.\.(\/|$)/.test(mount)) return;
    mistakes.push({
      path: ["environment", "mounts", index],
      text: `environment.mounts.${index}: found ${JSON.stringify(mount.slice(0, 60))}; allowed: an absolute path to one folder, without "..", and not the whole host`,
    });
  });
  if (teacher !== undefined && hasCredentials(teacher.baseUrl)) {
    mistakes.push({
      path: ["teacher", "baseUrl"],
      text: "teacher.baseUrl: found a user name or password in the address; allowed: an address without; put the key into a variable and name it in teacher.apiKeyEnv",
    });
  }
  return mistakes;
}

function hasCredentials(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.username !== "" || url.password !== "");
}
