import type { Teacher, TeacherProbe } from "../../core/agent/teacher.ts";
import type { SeracConfig, TeacherConfig } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { OWN_REHEARSAL_URL, teacherOf } from "../config/resolve.ts";
import type { Io } from "../io.ts";
import { openTeacher, startRehearsal } from "../platform.ts";
import { teacherKey } from "../teacher-key.ts";

/** A teacher that answered when asked. */
export interface Teaching {
  readonly teacher: Teacher;
  readonly probe: TeacherProbe;
  close(): Promise<void>;
}

/** A server that loads its model on the first call may take a while. */
const PROBE_MS = 60_000;

/** Starts the rehearsal teacher where the run brings its own, connects, and probes. InputError where URL, key or model are wrong. */
export async function openTeaching(config: SeracConfig, io: Io): Promise<Teaching> {
  const settings = teacherOf(config);
  const rehearsal =
    settings.baseUrl === OWN_REHEARSAL_URL
      ? await startRehearsal({ seed: config.plan.seed, contextTokens: config.rollout.contextTokens, price: settings.price })
      : null;
  try {
    const teacher = await openTeacher(rehearsal === null ? settings : { ...settings, baseUrl: rehearsal.url }, teacherKey(config, io));
    const close = async (): Promise<void> => {
      await teacher.close();
      await rehearsal?.close();
    };
    try {
      return { teacher, probe: await probed(teacher, settings), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await rehearsal?.close();
    throw error;
  }
}

async function probed(teacher: Teacher, { baseUrl, model }: TeacherConfig): Promise<TeacherProbe> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    return await teacher.probe(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InputError(
      "teacher_timeout",
      `The teacher at ${baseUrl} did not answer a one-token question to ${model} within ${PROBE_MS / 1000} s.`,
      {
        hint: "Wait until the model is loaded, and check the address.",
        cause: error,
      },
    );
  }
}

/** What the probe says that a person should know before money is spent. */
export function probeWarnings(config: SeracConfig, probe: TeacherProbe): string[] {
  const { contextTokens } = config.rollout;
  if (probe.contextTokens === null || probe.contextTokens >= contextTokens) return [];
  return [
    `warning: the teacher's window is ${probe.contextTokens} tokens, less than rollout.contextTokens (${contextTokens}): long rollouts will end in exit_context.`,
  ];
}
