import type { SeracConfig } from "../../config/schema.ts";
import type { Toolset } from "../toolset.ts";
import { mini } from "./mini/index.ts";
import { sweAgent } from "./swe-agent/index.ts";

const TOOLSETS: Readonly<Record<SeracConfig["rollout"]["toolset"], Toolset>> = { "swe-agent": sweAgent, mini };

/** The toolset of that name; one line here and a folder beside make a new one. */
export function toolsetNamed(name: SeracConfig["rollout"]["toolset"]): Toolset {
  return TOOLSETS[name];
}
