import { checkSecrets } from "../core/config/secrets.ts";
import type { SeracConfig } from "../core/config/schema.ts";
import type { Io } from "./io.ts";

/** The teacher's key from the environment; from here on it is shown nowhere. */
export function teacherKey(config: SeracConfig, io: Io): string | undefined {
  const key = checkSecrets(config, io.env);
  if (key === null) return undefined;
  io.redactor.hide(key);
  return key;
}

/** For commands that show what teachers and agents wrote: should one have repeated the key, it is not shown. */
export function hideTeacherKey(config: SeracConfig, io: Io): void {
  const name = config.teacher?.apiKeyEnv;
  if (name !== undefined) io.redactor.hide(io.env[name]);
}
