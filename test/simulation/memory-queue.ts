import type { ReceivedTask, TaskQueue } from "../../core/svg/queue.ts";
import type { Machine } from "./machine.ts";
import type { World } from "./world.ts";

const SEND_MS = 12;
/** As the work queue of a deployment. */
const MAX_RECEIVES = 3;

interface Message {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  receives: number;
  isGone: boolean;
}

export interface Delivery {
  readonly message: Message;
  /** To be called when its handler has returned. */
  acknowledge(): void;
}

/**
 * The queues of a run as SQS keeps them: at least once, in no promised order, hidden for a while when delivered, dead after three deliveries
 * that nobody acknowledged. Nothing keeps two messages of one sample apart.
 */
export interface SharedQueue {
  send(queue: string, task: { readonly id: string; readonly body: string; readonly delayMs?: number }): void;
  /** The next message that is visible; null when there is none. */
  receive(queue: string): Delivery | null;
  /** The same message to one more receiver. */
  again(delivery: Delivery): Delivery;
  onVisible(listener: (queue: string) => void): void;
  /** Messages that can be received now. */
  waiting(queue: string): number;
  /** Messages that are neither done with nor dead. */
  open(): number;
  onDead(listener: (queue: string, body: string) => void): void;
  readonly dead: { queue: string; body: string }[];
}

export function createQueue(world: World, visibilityMs: number): SharedQueue {
  const ready = new Map<string, { messages: Message[]; at: number }>();
  const dead: { queue: string; body: string }[] = [];
  let open = 0;
  let listen: (queue: string) => void = () => {};
  let mourn: (queue: string, body: string) => void = () => {};

  function end(message: Message): void {
    if (message.isGone) return;
    message.isGone = true;
    open -= 1;
  }

  function show(message: Message): void {
    const line = ready.get(message.queue) ?? { messages: [], at: 0 };
    ready.set(message.queue, line);
    line.messages.push(message);
    listen(message.queue);
  }

  function deliver(message: Message): Delivery {
    return { message, acknowledge: () => end(message) };
  }

  return {
    dead,
    waiting: (queue) => {
      const line = ready.get(queue);
      return line === undefined ? 0 : line.messages.length - line.at;
    },
    open: () => open,
    onDead: (listener) => {
      mourn = listener;
    },
    onVisible: (listener) => {
      listen = listener;
    },
    send: (queue, { id, body, delayMs = 0 }) => {
      const message = { queue, id, body, receives: 0, isGone: false };
      open += 1;
      if (delayMs > 0) world.after(delayMs, () => show(message));
      else show(message);
    },
    receive: (queue) => {
      const line = ready.get(queue);
      if (line === undefined || line.at >= line.messages.length) return null;
      const message = line.messages[line.at++]!;
      if (line.at > 10_000) line.messages = line.messages.slice(line.at);
      if (line.at > 10_000) line.at = 0;
      message.receives += 1;
      world.after(visibilityMs, () => {
        if (message.isGone) return;
        if (message.receives < MAX_RECEIVES) return show(message);
        end(message);
        dead.push({ queue, body: message.body });
        mourn(queue, message.body);
      });
      return deliver(message);
    },
    again: ({ message }) => deliver(message),
  };
}

/** What a function sends. Receiving is not its business: the platform hands it its messages. */
export function queueFor(machine: Machine, shared: SharedQueue): TaskQueue {
  const notHere = (): Promise<never> => Promise.reject(new Error("functions do not receive"));
  return {
    enqueue: async (queue, tasks) => {
      if (tasks.length > 0) {
        await machine.ask(SEND_MS, () => {
          for (const task of tasks) shared.send(queue, task);
        });
      }
    },
    receive: notHere,
    extend: notHere,
    acknowledge: notHere,
    retry: notHere,
    deadLetters: (queue) => Promise.resolve(shared.dead.filter((letter) => letter.queue === queue).map(letterTask)),
    purge: notHere,
    depth: (queue) =>
      machine.ask(SEND_MS, () => {
        const waiting = shared.waiting(queue);
        return { waiting, inFlight: shared.open() - waiting, dead: shared.dead.length };
      }),
  };
}

const letterTask = ({ queue, body }: { readonly queue: string; readonly body: string }): ReceivedTask => ({
  queue,
  id: body,
  body,
  receipt: "dead",
  receives: MAX_RECEIVES,
});
