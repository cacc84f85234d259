import type { ControlPlatform, Workshop } from "../../core/control/platform.ts";
import { workTask } from "../../core/control/work.ts";
import { createMachine, type Machine } from "./machine.ts";
import type { Delivery } from "./memory-queue.ts";
import type { SharedState } from "./shared-state.ts";
import type { World } from "./world.ts";

/** A function lives this long; it begins nothing new, and is told to stop, a little before. */
export const FUNCTION_MS = 60_000;
const BEGINS_MS = 45_000;
const STOPS_MS = 54_000;
export const LEASE_MS = 30_000;
const LATEST_DUPLICATE_MS = 30_000;

export interface WorkerFigures {
  deliveries: number;
  duplicates: number;
  deaths: number;
  readonly outcomes: Record<string, number>;
  /** Of deliveries that threw: their messages come again. */
  readonly errors: Record<string, number>;
  busyMs: number;
  /** Of machines that died: since the last thing they had written down. */
  lostMs: number;
}

export interface Fleet {
  readonly figures: WorkerFigures;
  /** Deliveries under way. */
  busy(): number;
  /** Hands out what is there to be done. */
  pump(): void;
}

interface Worker {
  readonly machine: Machine;
  readonly platform: ControlPlatform;
  readonly workshop: Workshop;
  startedMs: number;
  progressMs: number;
}

export interface FleetOptions {
  readonly workers: number;
  readonly deathShare: number;
  readonly duplicateShare: number;
}

/** The event source mapping and its functions: a message at a time for each of so many workers. One that dies is replaced. */
export function createFleet(world: World, state: SharedState, { workers, deathShare, duplicateShare }: FleetOptions): Fleet {
  const figures: WorkerFigures = { deliveries: 0, duplicates: 0, deaths: 0, outcomes: {}, errors: {}, busyMs: 0, lostMs: 0 };
  const idle: Worker[] = [];
  const copies: Delivery[] = [];
  let made = 0;
  let busy = 0;
  let usualAwaits = 100;

  function newWorker(): Worker {
    const machine = createMachine(`worker-${made++}`, world, () => {
      figures.deaths += 1;
      figures.lostMs += world.now() - worker.progressMs;
      figures.busyMs += world.now() - worker.startedMs;
      busy -= 1;
      idle.push(newWorker());
      pump();
    });
    const worker: Worker = {
      machine,
      startedMs: world.now(),
      progressMs: world.now(),
      ...state.platformOf(machine, () => {
        worker.progressMs = world.now();
      }),
    };
    return worker;
  }

  function pump(): void {
    while (idle.length > 0) {
      const delivery = copies.pop() ?? state.queue.receive("work");
      if (delivery === null) return;
      void handle(idle.pop()!, delivery);
    }
  }

  async function handle(worker: Worker, delivery: Delivery): Promise<void> {
    const { machine, platform, workshop } = worker;
    const startedMs = world.now();
    worker.startedMs = startedMs;
    worker.progressMs = startedMs;
    busy += 1;
    figures.deliveries += 1;
    if (world.random() < deathShare) machine.doom(1 + Math.floor(world.random() * usualAwaits));
    if (world.random() < duplicateShare) {
      figures.duplicates += 1;
      world.after(world.random() * LATEST_DUPLICATE_MS, () => {
        copies.push(state.queue.again(delivery));
        pump();
      });
    }
    const stop = new AbortController();
    world.after(STOPS_MS, () => stop.abort(new Error("the function's time is up")));
    const before = machine.awaits();
    try {
      const owner = `${machine.name}/${figures.deliveries}`;
      const options = { deadlineMs: startedMs + BEGINS_MS, owner, leaseMs: LEASE_MS, signal: stop.signal };
      const outcome = await workTask(platform, workshop, delivery.message.body, options);
      delivery.acknowledge();
      add(figures.outcomes, outcome);
    } catch (error) {
      add(figures.errors, error instanceof Error && "code" in error ? String(error.code) : String(error));
    }
    usualAwaits += (machine.awaits() - before - usualAwaits) / 50;
    figures.busyMs += world.now() - startedMs;
    busy -= 1;
    idle.push(worker);
    pump();
  }

  for (let at = 0; at < workers; at++) idle.push(newWorker());
  state.queue.onVisible((queue) => {
    if (queue === "work") pump();
  });
  return { figures, busy: () => busy, pump };
}

const add = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};
