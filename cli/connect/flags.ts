import type { ServingFlags } from "../gateway/flags.ts";

export interface ConnectFlags extends ServingFlags {
  readonly endpoint?: string;
  readonly keyEnv?: string;
  readonly claude?: string;
  readonly log?: string;
}
