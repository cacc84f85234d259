/** The body of an answer that is written while it comes into being. */
export interface LiveBody {
  /** Never waits: look at `isFull` first. */
  write(data: string | Uint8Array): void;
  end(): void;
  /** Breaks the answer off, so that the client does not take it for a whole one. */
  cut(): void;
  /** The reader is behind; write no more until `drained`. */
  readonly isFull: boolean;
  /** Resolves when the reader has caught up, or is gone. */
  drained(): Promise<void>;
  /** For the server: where the body goes, what was written before included. */
  attach(target: BodyTarget): void;
  /** For the server: the target takes data again. */
  resume(): void;
  /** For the server: the reader is gone. */
  leave(): void;
}

export interface BodyTarget {
  /** False when it took the data but wants no more for now. */
  write(data: string | Uint8Array): boolean;
  end(): void;
  cut(): void;
}

export interface LiveAnswer {
  readonly response: Response;
  readonly body: LiveBody;
}

const bodies = new WeakMap<Response, LiveBody>();

/** The live body of an answer, for a server with a faster way to write than to read a web stream; null for any other answer. */
export const liveBodyOf = (response: Response): LiveBody | null => bodies.get(response) ?? null;

/** Unread characters or bytes past which the writer is asked to wait. */
const HIGH_WATER = 65_536;

/** `onLeave` is called once when the reader goes before the end. */
export function createLiveAnswer(init: ResponseInit, onLeave: () => void): LiveAnswer {
  let state: "open" | "ended" | "cut" | "left" = "open";
  let target: BodyTarget | null = null;
  let queue: (string | Uint8Array)[] = [];
  let queued = 0;
  let onDrain: (() => void)[] = [];
  let onData: (() => void) | null = null;

  const resume = (): void => {
    body.isFull = false;
    const waiting = onDrain;
    onDrain = [];
    for (const wake of waiting) wake();
  };
  const takeQueue = (): (string | Uint8Array)[] => {
    const all = queue;
    queue = [];
    queued = 0;
    return all;
  };
  const wakeReader = (): void => {
    const wake = onData;
    onData = null;
    wake?.();
  };
  const close = (as: "ended" | "cut" | "left"): void => {
    if (state !== "open") return;
    state = as;
    if (as === "ended") target?.end();
    else takeQueue();
    if (as === "cut") target?.cut();
    wakeReader();
    resume();
    if (as === "left") onLeave();
  };

  const body: { -readonly [K in keyof LiveBody]: LiveBody[K] } = {
    isFull: false,
    write: (data) => {
      if (state !== "open") return;
      if (target !== null) {
        if (!target.write(data)) body.isFull = true;
        return;
      }
      queue.push(data);
      queued += data.length;
      if (queued >= HIGH_WATER) body.isFull = true;
      wakeReader();
    },
    end: () => close("ended"),
    cut: () => close("cut"),
    drained: () => (body.isFull && state === "open" ? new Promise((resolve) => onDrain.push(resolve)) : Promise.resolve()),
    attach: (to) => {
      target = to;
      body.isFull = takeQueue().reduce<boolean>((_, data) => !to.write(data), false);
      if (state === "ended") to.end();
      if (state === "cut") to.cut();
    },
    resume,
    leave: () => close("left"),
  };

  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (queued === 0 && state === "open") await new Promise<void>((resolve) => (onData = resolve));
        if (queued > 0) {
          controller.enqueue(joined(takeQueue()));
          resume();
        } else if (state === "cut") controller.error(new Error("The answer was broken off."));
        else controller.close();
      },
      cancel: () => close("left"),
    },
    { highWaterMark: 0 },
  );
  const response = new Response(stream, init);
  bodies.set(response, body);
  return { response, body };
}

const encoder = new TextEncoder();

function joined(parts: readonly (string | Uint8Array)[]): Uint8Array {
  if (parts.every((part) => typeof part === "string")) return encoder.encode(parts.join(""));
  const pieces = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}
