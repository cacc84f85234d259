import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import type { TeacherProbe } from "../../core/agent/teacher.ts";
import type { SeracConfig } from "../../core/config/schema.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { OWN_REHEARSAL_URL, teacherOf } from "../config/resolve.ts";

export interface Preparations {
  readonly id: string;
  readonly config: SeracConfig;
  readonly file: string | null;
  readonly repository: RepositorySource;
  readonly probe: TeacherProbe;
  readonly sandbox: SandboxProvider;
  /** Why `auto` did not take bubblewrap; null when it did, or when a sandbox was named. */
  readonly fallback: string | null;
  readonly home: string;
  /** One line; null when the run was estimated before. */
  readonly estimate: string | null;
}

/** What the run will work with, before it starts. */
export function preparationsText(run: Preparations): string {
  const { commit, origin, notes } = run.repository;
  const rows: (readonly [string, string])[] = [
    ["run", run.id],
    ...(run.file === null ? [] : [["config", run.file] as const]),
    ["repository", commit === null ? `${origin} (plain folder)` : `${origin} at ${commit.slice(0, 12)}`],
    ...notes.map((note) => ["", note] as const),
    ["teacher", teacherText(run)],
    ["sandbox", run.sandbox.name],
    ...(run.fallback === null ? [] : [["", `bubblewrap does not work here: ${run.fallback}`] as const]),
    ...run.sandbox.notes.map((note) => ["", note] as const),
    ["home", run.home],
    ...(run.estimate === null ? [] : [["estimate", run.estimate] as const]),
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}${text}\n`).join("");
}

function teacherText({ config, probe }: Preparations): string {
  const { baseUrl } = teacherOf(config);
  const where = baseUrl === OWN_REHEARSAL_URL ? "started for this run" : `at ${baseUrl}`;
  return `${probe.model} ${where}${probe.rehearsal ? " (rehearsal: the data must not be trained on for real use)" : ""}`;
}
