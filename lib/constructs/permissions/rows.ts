import { TABLE } from "../../../core/config/cloud/names.ts";
import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

export type RowAction =
  | "BatchGetItem"
  | "BatchWriteItem"
  | "ConditionCheckItem"
  | "DeleteItem"
  | "GetItem"
  | "PutItem"
  | "Query"
  | "UpdateItem";

/** A transaction is allowed by the actions of its parts. */
export const rows = ({ table }: Estate, ...actions: readonly RowAction[]): Permission => ({
  sid: "Rows",
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [table.tableArn],
});

export const listedRows = ({ table }: Estate): Permission => ({
  sid: "ListedRows",
  actions: ["dynamodb:Query"],
  resources: [`${table.tableArn}/index/${TABLE.index.name}`],
});
