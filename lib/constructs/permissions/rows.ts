import { TABLE } from "../../../core/config/cloud/names.ts";
import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

/** All that the store does: even what is new is an update that wants nothing to be there. A transaction is allowed by the actions of its parts. */
export const rows = ({ table }: Estate): Permission => ({
  sid: "Rows",
  actions: ["GetItem", "BatchGetItem", "Query", "UpdateItem", "ConditionCheckItem"].map((action) => `dynamodb:${action}`),
  resources: [table.tableArn],
});

/** The gateway finds keys and counts what they use. */
export const keyRows = ({ table }: Estate): Permission => ({
  sid: "Rows",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
  resources: [table.tableArn],
});

/** Runs and keys are listed. */
export const listedRows = ({ table }: Estate): Permission => ({
  sid: "ListedRows",
  actions: ["dynamodb:Query"],
  resources: [`${table.tableArn}/index/${TABLE.index.name}`],
});
