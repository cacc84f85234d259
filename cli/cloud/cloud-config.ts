import { assertCloudConfig, cloudNotes } from "../../core/control/cloud-config.ts";
import type { SeracConfig } from "../../core/config/schema.ts";
import { teacherOf } from "../config/resolve.ts";

/** Settings as they are sent, and what there is to say of them. InputError("config_invalid") for what cannot mean anything in the cloud. */
export function cloudConfig(config: SeracConfig): { readonly sent: SeracConfig; readonly notes: readonly string[] } {
  teacherOf(config);
  const { demonstrations: _sentAsTexts, ...describe } = config.describe;
  // The archive is the repository at its commit, and nobody there needs to know where it lay here.
  const sent: SeracConfig = { ...config, describe, repo: { ...config.repo, source: ".", commit: "HEAD" } };
  assertCloudConfig(sent);
  return { sent, notes: cloudNotes(sent) };
}
