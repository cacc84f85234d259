// oxlint-disable-next-line import/no-unassigned-import -- before anything of core
import "./instant-zlib.ts";
import { buryTask } from "../../core/control/bury.ts";
import { reap } from "../../core/control/reap.ts";
import type { RunState, Spend, StateCount } from "../../core/svg/store.ts";
import { createMachine } from "./machine.ts";
import { createSharedState, type SharedState } from "./shared-state.ts";
import { prepareSimulatedRun, RUN_ID } from "./simulated-run.ts";
import type { TrafficFigures } from "./traffic.ts";
import { createFleet, FUNCTION_MS, type WorkerFigures } from "./workers.ts";
import { createWorld, type World } from "./world.ts";

export interface SimulationOptions {
  readonly samples: number;
  readonly workers: number;
  /** The run's teacher.concurrency; as many as there are workers when left out. */
  readonly concurrency?: number;
  /** Of deliveries: the worker dies at one of its awaits. */
  readonly deathShare: number;
  /** Of deliveries: the message is given to another worker as well. */
  readonly duplicateShare: number;
  readonly seed: number;
  /** Of a budget that is just enough. */
  readonly budgetShare?: number;
  readonly onProgress?: (finished: number, simulatedMs: number) => void;
}

export interface SimulationReport {
  readonly samples: number;
  readonly runState: RunState;
  /** Samples that got a result exactly once, and those whose result was changed afterwards. */
  readonly onceFinished: number;
  readonly reopened: number;
  /** Samples under somebody's lease at the same time, at the most. */
  readonly mostAtOnce: number;
  /** Samples that had lost their tasks and that the reaper gave others. */
  readonly revived: number;
  readonly counts: readonly StateCount[];
  readonly spend: Spend;
  readonly paid: { readonly asked: number; readonly answered: number; readonly journaled: number; readonly repeated: number };
  /** Of the cost of all replies in the journal. */
  readonly journaledMicroUsd: number;
  /** Of the cost of all samples that have a result. */
  readonly samplesMicroUsd: number;
  /** Share of the paid replies that nobody lived to write down. */
  readonly wastedCalls: number;
  /** Share of the workers' time that was lost with them. */
  readonly wastedTime: number;
  readonly workers: WorkerFigures;
  readonly deadLetters: number;
  readonly finishTasks: number;
  readonly traffic: TrafficFigures;
  readonly planTraffic: TrafficFigures;
  readonly transactionConflicts: number;
  readonly journalConflicts: number;
  readonly planMs: number;
  readonly simulatedMs: number;
}

/** As AWS asks for: six times the time of the function. */
const VISIBILITY_MS = 6 * FUNCTION_MS;
const BURY_AGAIN_MS = 60_000;
const REAP_EVERY_MS = 300_000;
const PROGRESS = 1000;

/**
 * The real engine and the real store on a table, a journal and queues in memory, with a teacher that ponders in simulated time. The same
 * options give the same report.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const world = createWorld(options.seed);
  const { random } = Math;
  // The engine draws its jitter from there.
  Math.random = world.random;
  try {
    return await simulateIn(world, options);
  } finally {
    Math.random = random;
  }
}

async function simulateIn(world: World, options: SimulationOptions): Promise<SimulationReport> {
  const state = createSharedState(world, options.samples, VISIBILITY_MS);
  const startedMs = world.now();

  const { samples, workers, concurrency = workers, budgetShare = 1 } = options;
  const size = { samples, workers, concurrency, budgetShare };
  await onMachine(world, state, "prepare", ({ platform }) => prepareSimulatedRun(platform, size, state.plan));
  const planMs = world.now() - startedMs;
  const planTraffic = state.table.traffic.figures();

  const undertaker = buryTheDead(world, state);
  const reaper = reapNowAndThen(world, state);
  const fleet = createFleet(world, state, options);
  fleet.pump();
  const beganMs = world.now();
  let told = 0;
  await world.run(() => {
    if (state.seen.finished >= told + PROGRESS) {
      told += PROGRESS;
      options.onProgress?.(told, world.now() - beganMs);
    }
    if (finishTasks(state) === 0 && state.seen.runState === "running") return false;
    // Nobody takes the finish tasks here.
    return fleet.busy() === 0 && undertaker.busy() === 0 && !reaper.isBusy() && state.queue.open() === finishTasks(state);
  });
  const simulatedMs = world.now() - beganMs;

  const totals = await onMachine(world, state, "status", async ({ platform: { store } }) => ({
    counts: await store.countSamples(RUN_ID),
    spend: await store.spend(RUN_ID),
    runState: (await store.getRun(RUN_ID))!.state,
  }));
  const { ledger, journal } = state;
  const { figures } = fleet;
  return {
    ...totals,
    samples: options.samples,
    onceFinished: state.results.reduce((sum, results) => sum + (results === 1 ? 1 : 0), 0),
    reopened: state.seen.reopened,
    mostAtOnce: state.seen.mostAtOnce,
    revived: reaper.revived(),
    paid: { asked: ledger.asked, answered: ledger.answered, journaled: journal.replies.count, repeated: ledger.repeated },
    journaledMicroUsd: journal.replies.costMicroUsd,
    samplesMicroUsd: state.seen.costMicroUsd,
    wastedCalls: (ledger.answered - journal.replies.count) / ledger.answered,
    wastedTime: figures.lostMs / figures.busyMs,
    workers: figures,
    deadLetters: state.queue.dead.length,
    finishTasks: finishTasks(state),
    traffic: state.table.traffic.figures(),
    planTraffic,
    transactionConflicts: state.table.conflicts.count,
    journalConflicts: journal.conflicts.count,
    planMs,
    simulatedMs,
  };
}

const finishTasks = (state: SharedState): number => state.queue.waiting("finish");

type Platforms = ReturnType<SharedState["platformOf"]>;

/** Something that is done once, on a machine that does not die, while nothing else happens. */
async function onMachine<T>(world: World, state: SharedState, name: string, work: (platforms: Platforms) => Promise<T>): Promise<T> {
  const machine = createMachine(name, world, () => {});
  let isDone = false;
  const done = work(state.platformOf(machine, () => {})).finally(() => {
    isDone = true;
  });
  await world.run(() => isDone);
  return done;
}

/** As the schedule of a deployment has it done. */
function reapNowAndThen(world: World, state: SharedState): { readonly isBusy: () => boolean; readonly revived: () => number } {
  const machine = createMachine("reaper", world, () => {});
  const { platform, workshop } = state.platformOf(machine, () => {});
  let isBusy = false;
  let revived = 0;
  const look = async (): Promise<void> => {
    isBusy = true;
    revived += (await reap(platform, workshop)).revived;
    isBusy = false;
    world.after(REAP_EVERY_MS, () => void look());
  };
  world.after(REAP_EVERY_MS, () => void look());
  return { isBusy: () => isBusy, revived: () => revived };
}

function buryTheDead(world: World, state: SharedState): { readonly busy: () => number } {
  const machine = createMachine("bury", world, () => {});
  const { platform } = state.platformOf(machine, () => {});
  let busy = 0;
  state.queue.onDead((_, body) => {
    busy += 1;
    const bury = (): void => {
      buryTask(platform, "work", body).then(
        () => (busy -= 1),
        () => world.after(BURY_AGAIN_MS, bury),
      );
    };
    bury();
  });
  return { busy: () => busy };
}
