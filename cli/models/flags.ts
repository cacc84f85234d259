import type { CloudFlags } from "../cloud/flags.ts";

export interface ModelsFlags extends CloudFlags {
  readonly out?: string;
  readonly home?: string;
  readonly json?: true;
}
