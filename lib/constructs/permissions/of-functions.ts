import type { Construct } from "constructs";

import { type CloudFunction, DATASETS_PREFIX, DROPS_PREFIX, RUNS_PREFIX, UPLOADS_PREFIX } from "../../../core/config/cloud/names.ts";
import type { Estate } from "../estate.ts";
import { useKey } from "./encryption.ts";
import { buildImages, endMachines, removeImages, runMachines } from "./machines.ts";
import { listObjects, readObjects, removeObjects, writeObjects } from "./objects.ts";
import type { Permission } from "./permission.ts";
import { listedRows, rows } from "./rows.ts";
import { readSecrets } from "./secrets.ts";
import { receiveDeadTasks, receiveTasks, sendTasks } from "./tasks.ts";

/** The only thing that the functions write among what users put in. */
const DROP_RESULTS = `${DROPS_PREFIX}*/result.json`;

/** All that each function may do. tests/e2e/cloud compares it with the calls that the functions make. */
export function permissionsOf(name: CloudFunction, scope: Construct, estate: Estate): Permission[] {
  return [...PERMISSIONS[name](estate, scope), ...useKey(estate)];
}

const PERMISSIONS: Readonly<Record<CloudFunction, (estate: Estate, scope: Construct) => Permission[]>> = {
  intake: (estate) => [
    readObjects(estate, DROPS_PREFIX, RUNS_PREFIX),
    listObjects(estate, DROPS_PREFIX, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS, RUNS_PREFIX),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem"),
    sendTasks(estate, "prepare"),
  ],

  prepare: (estate, scope) => [
    readObjects(estate, DROPS_PREFIX, UPLOADS_PREFIX, RUNS_PREFIX),
    listObjects(estate, DROPS_PREFIX, UPLOADS_PREFIX, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS, RUNS_PREFIX),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem", "BatchWriteItem"),
    receiveTasks(estate, "prepare"),
    sendTasks(estate, "prepare", "work", "finish"),
    readSecrets(scope),
    ...buildImages(estate),
  ],

  worker: (estate, scope) => [
    readObjects(estate, RUNS_PREFIX),
    listObjects(estate, RUNS_PREFIX),
    writeObjects(estate, RUNS_PREFIX),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "ConditionCheckItem"),
    receiveTasks(estate, "work"),
    sendTasks(estate, "work", "finish"),
    readSecrets(scope),
    ...runMachines(estate),
  ],

  finish: (estate) => [
    readObjects(estate, RUNS_PREFIX, DATASETS_PREFIX),
    listObjects(estate, RUNS_PREFIX, DATASETS_PREFIX),
    writeObjects(estate, DROP_RESULTS, DATASETS_PREFIX),
    removeObjects(estate, DATASETS_PREFIX),
    rows(estate, "GetItem", "UpdateItem", "Query", "ConditionCheckItem"),
    receiveTasks(estate, "finish"),
    ...endMachines(estate),
    ...removeImages(estate),
  ],

  bury: (estate) => [
    readObjects(estate, RUNS_PREFIX),
    listObjects(estate, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS, RUNS_PREFIX),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem"),
    receiveDeadTasks(estate, "prepare", "work", "finish"),
    sendTasks(estate, "finish"),
  ],

  reaper: (estate) => [
    readObjects(estate, DROPS_PREFIX, RUNS_PREFIX),
    listObjects(estate, DROPS_PREFIX, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem"),
    listedRows(estate),
    sendTasks(estate, "prepare", "work", "finish"),
    ...endMachines(estate),
    ...removeImages(estate),
  ],

  control: (estate) => [
    readObjects(estate, RUNS_PREFIX, DATASETS_PREFIX, UPLOADS_PREFIX),
    listObjects(estate, RUNS_PREFIX, DATASETS_PREFIX, UPLOADS_PREFIX),
    // Links are signed with the function's own permissions.
    writeObjects(estate, UPLOADS_PREFIX, RUNS_PREFIX),
    rows(estate, "GetItem", "PutItem", "UpdateItem", "Query", "ConditionCheckItem"),
    listedRows(estate),
    sendTasks(estate, "prepare", "work", "finish"),
  ],

  gateway: (estate, scope) => [rows(estate, "GetItem", "UpdateItem"), readSecrets(scope)],
};
