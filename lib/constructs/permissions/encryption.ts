import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

/** Nothing to do where AWS's own keys encrypt. */
export const useKey = ({ key }: Estate): Permission[] =>
  key === undefined ? [] : [{ sid: "UseKey", actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [key.keyArn] }];
