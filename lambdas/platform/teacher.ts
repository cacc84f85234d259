import type { Teacher } from "../../core/agent/teacher.ts";
import type { TeacherConfig } from "../../core/config/schema.ts";
import { InputError } from "../../core/errors/index.ts";
import { readSecret } from "./secrets.ts";

/** By settings and key: a key that was changed makes a new one. */
const teachers = new Map<string, Teacher>();

/** InputError("secret_missing") when the key that the settings name is not there. */
export async function openTeacher(config: TeacherConfig): Promise<Teacher> {
  const apiKey = await teacherKey(config);
  const name = JSON.stringify([config, apiKey ?? null]);
  const known = teachers.get(name);
  if (known !== undefined) return known;
  const { createOpenAiTeacher } = await import("../../drivers/openai/index.ts");
  const opened = createOpenAiTeacher({ config, ...(apiKey === undefined ? {} : { apiKey }) });
  teachers.set(name, opened);
  return opened;
}

async function teacherKey({ apiKeyEnv, apiKeySecret }: TeacherConfig): Promise<string | undefined> {
  if (apiKeySecret !== undefined) return readSecret(apiKeySecret);
  if (apiKeyEnv === undefined) return undefined;
  throw new InputError("secret_missing", `teacher.apiKeyEnv: functions have no environment variable ${apiKeyEnv}.`, {
    hint: "Put the key into AWS Secrets Manager, below serac/, and name it in teacher.apiKeySecret.",
  });
}
