import type { CloudFlags } from "../cloud/flags.ts";
import type { GivenFlags } from "../config/flags.ts";

export interface TrainFlags extends GivenFlags, CloudFlags {
  readonly config?: string;
  readonly name?: string;
  readonly data?: string;
  readonly allowRehearsal?: true;
  readonly resume?: string;
  readonly estimateOnly?: true;
  readonly install?: true;
  readonly python?: string;
  readonly image?: string;
  readonly home?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly yes?: true;
  readonly detach?: true;
}
