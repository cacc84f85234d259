import type { Requests } from "./requests.ts";

/** Whoever changes what the functions ask of AWS changes these: test/contract/costs.test.ts counts them again and must find the same. */
export const COUNT_SOURCE = "counted in the real code by `npm run bench -- functions`";

/** Requests of each part of the work on samples. All parts come on top of each other. */
export const COUNTED = {
  /** A call of a rollout, with its command. */
  call: { tableWriteUnits: 8, tableReadUnits: 1, objectWrites: 2, objectReads: 0, queueRequests: 0 },
  /** Beside its calls; with the judgement of a first rollout, or the pull request text before a second. */
  rollout: { tableWriteUnits: 9, tableReadUnits: 3, objectWrites: 7, objectReads: 0, queueRequests: 0 },
  /** Beside its rollouts, in one task; with the task of the sample that comes after it. */
  sample: { tableWriteUnits: 44, tableReadUnits: 26, objectWrites: 1, objectReads: 4, queueRequests: 1 },
  /** A task that goes on where another one stopped. */
  continuation: { tableWriteUnits: 2, tableReadUnits: 3, objectWrites: 1, objectReads: 1, queueRequests: 1 },
  /** The same, for each call that the rollout had made. */
  continuationCall: { tableWriteUnits: 0, tableReadUnits: 0, objectWrites: 0, objectReads: 2, queueRequests: 0 },
  /** A look whether the run is still running (core/control/watch-run.ts). */
  look: { tableWriteUnits: 0, tableReadUnits: 1, objectWrites: 0, objectReads: 0, queueRequests: 0 },
  /** Of a sample's lease (core/svg/lease.ts). */
  renewal: { tableWriteUnits: 3, tableReadUnits: 0, objectWrites: 0, objectReads: 0, queueRequests: 0 },
  /** A sample's place in the plan. */
  prepared: { tableWriteUnits: 2.042, tableReadUnits: 0, objectWrites: 0, objectReads: 0, queueRequests: 0 },
  /** A sample's rows of the dataset. */
  finished: { tableWriteUnits: 0, tableReadUnits: 2.5, objectWrites: 2, objectReads: 4, queueRequests: 0 },
} as const satisfies Record<string, Requests>;
