import type { Construct } from "constructs";

import {
  BASES_PREFIX,
  type CloudFunction,
  DATASETS_PREFIX,
  DROPS_PREFIX,
  MODELS_PREFIX,
  RUNS_PREFIX,
  UPLOADS_PREFIX,
} from "../../../core/config/cloud/names.ts";
import type { Estate } from "../estate.ts";
import { useKey } from "./encryption.ts";
import { buildImages, reapImages, removeImages, runMachines } from "./machines.ts";
import { listObjects, readObjects, removeObjects, streamObjects, writeObjects } from "./objects.ts";
import type { Permission } from "./permission.ts";
import { keyRows, listedRows, rows } from "./rows.ts";
import { readSecrets } from "./secrets.ts";
import { makeBases, reapBases, releaseBases, useTenants } from "./tenants.ts";
import { submitJobs } from "./training.ts";
import { countTasks, receiveDeadTasks, receiveTasks, sendTasks } from "./tasks.ts";

/** Whatever changes a run tells its drop; it is the only thing that is written among what users put in. */
const DROP_RESULTS = `${DROPS_PREFIX}*/result.json`;
/** What lies in no drop is told of beside the drops. */
const STRAY_RESULT = `${DROPS_PREFIX}result.json`;
/** What the reaper saw when it last looked at a run that is under way. */
const REAPER_NOTES = ["pulse", "still"].map((note) => `${RUNS_PREFIX}*/${note}.json`);
/** Counts that an export keeps beside the rollouts, for the next one. */
const ROLLOUT_FACTS = `${RUNS_PREFIX}*/rollouts/*/facts-*.json`;

/** All that each function may do. tests/e2e/cloud compares it with the calls that the functions make. */
export function permissionsOf(name: CloudFunction, scope: Construct, estate: Estate): Permission[] {
  return [...PERMISSIONS[name](estate, scope), ...useKey(estate)];
}

const PERMISSIONS: Readonly<Record<CloudFunction, (estate: Estate, scope: Construct) => Permission[]>> = {
  intake: (estate) => [
    readObjects(estate, DROPS_PREFIX, RUNS_PREFIX),
    listObjects(estate, DROPS_PREFIX),
    writeObjects(estate, DROP_RESULTS, STRAY_RESULT, RUNS_PREFIX),
    rows(estate),
    sendTasks(estate, "prepare"),
  ],

  prepare: (estate, scope) => [
    readObjects(estate, DROPS_PREFIX, UPLOADS_PREFIX, RUNS_PREFIX),
    listObjects(estate, RUNS_PREFIX),
    streamObjects(estate, DROP_RESULTS, RUNS_PREFIX),
    rows(estate),
    receiveTasks(estate, "prepare"),
    sendTasks(estate, "prepare", "work", "finish"),
    readSecrets(scope),
    ...buildImages(estate, scope),
    // The first machine of an image shows that it starts, before a reply is paid for.
    ...runMachines(estate),
    ...makeBases(estate),
  ],

  worker: (estate, scope) => [
    readObjects(estate, RUNS_PREFIX, DROP_RESULTS),
    listObjects(estate, RUNS_PREFIX),
    streamObjects(estate, RUNS_PREFIX, DROP_RESULTS),
    rows(estate),
    receiveTasks(estate, "work"),
    sendTasks(estate, "work", "finish"),
    readSecrets(scope),
    ...runMachines(estate),
    ...useTenants(estate),
  ],

  finish: (estate) => [
    readObjects(estate, RUNS_PREFIX, DATASETS_PREFIX, DROP_RESULTS),
    listObjects(estate, RUNS_PREFIX, DATASETS_PREFIX),
    streamObjects(estate, DATASETS_PREFIX, DROP_RESULTS, ROLLOUT_FACTS),
    // What an older export of the run had and the new one has not.
    removeObjects(estate, DATASETS_PREFIX),
    rows(estate),
    receiveTasks(estate, "finish"),
    ...startModels(estate),
    ...removeImages(estate),
    ...releaseBases(estate),
  ],

  train: (estate, scope) => [
    readObjects(estate, RUNS_PREFIX, DROP_RESULTS, BASES_PREFIX, MODELS_PREFIX),
    listObjects(estate, RUNS_PREFIX, BASES_PREFIX, MODELS_PREFIX),
    // A model's own copy of its data, and what its trainer is to do.
    streamObjects(estate, MODELS_PREFIX, DROP_RESULTS, ROLLOUT_FACTS),
    removeObjects(estate, MODELS_PREFIX),
    rows(estate),
    receiveTasks(estate, "train"),
    // A model is removed when its job has ended, which is looked for again.
    sendTasks(estate, "train"),
    ...submitJobs(estate, scope),
  ],

  bury: (estate) => [
    readObjects(estate, RUNS_PREFIX, DROP_RESULTS),
    listObjects(estate, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS),
    rows(estate),
    receiveDeadTasks(estate, "prepare", "work", "finish", "train"),
    // When a sample is buried, another one of its run gets a task.
    sendTasks(estate, "work", "finish"),
  ],

  reaper: (estate) => [
    readObjects(estate, RUNS_PREFIX, DROP_RESULTS),
    listObjects(estate, RUNS_PREFIX),
    writeObjects(estate, DROP_RESULTS, ...REAPER_NOTES),
    rows(estate),
    listedRows(estate),
    countTasks(estate),
    sendTasks(estate, "prepare", "work", "finish", "train"),
    ...reapImages(estate),
    ...reapBases(estate),
  ],

  control: (estate) => [
    // Links are signed with the function's own permissions.
    readObjects(estate, RUNS_PREFIX, DATASETS_PREFIX, UPLOADS_PREFIX, DROP_RESULTS, ...(estate.training === null ? [] : [MODELS_PREFIX])),
    listObjects(estate, RUNS_PREFIX, DATASETS_PREFIX, ...(estate.training === null ? [] : [MODELS_PREFIX])),
    writeObjects(estate, RUNS_PREFIX, UPLOADS_PREFIX, DROP_RESULTS),
    rows(estate),
    listedRows(estate),
    sendTasks(estate, "prepare", "finish", ...(estate.training === null ? [] : (["train"] as const))),
  ],

  gateway: (estate, scope) => [keyRows(estate), readSecrets(scope)],
};

/** A run with a `train` section. */
const startModels = (estate: Estate): Permission[] => (estate.training === null ? [] : [sendTasks(estate, "train")]);
