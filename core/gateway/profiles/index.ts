import type { ProfileName } from "../served-model.ts";
import { native } from "./native/index.ts";
import type { Profile } from "./profile.ts";
import { sweAgent } from "./swe-agent/index.ts";

const ALL: Readonly<Record<ProfileName, Profile>> = { native, "swe-agent": sweAgent };

export const profileNamed = (name: ProfileName): Profile => ALL[name];
