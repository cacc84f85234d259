import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import type { FakeImage } from "./fake-images.ts";
import { startGuest, type Guest } from "./guest.ts";
import { startProxy, type Cut } from "./proxy.ts";

export interface FakeMachine {
  readonly id: string;
  readonly image: FakeImage;
  readonly endpoint: string;
  readonly startedAt: number;
  readonly maximumDurationInSeconds: number;
  readonly guest: Guest;
  readonly server: Server;
  /** When it ends, and the port it is for. */
  readonly tokens: Map<string, { readonly until: number; readonly port: number }>;
  state: "PENDING" | "RUNNING" | "TERMINATED";
  stateReason: string | null;
  readonly clock: { readonly lifetime: NodeJS.Timeout };
}

export interface MachineOptions {
  readonly image: FakeImage;
  readonly payload: string;
  readonly maximumDurationInSeconds: number;
  /** What a second of the service's lasts. */
  readonly secondMs: number;
  readonly startMs: number;
  readonly cut: () => Cut | null;
}

export async function startMachine(options: MachineOptions): Promise<FakeMachine> {
  const { image, payload, maximumDurationInSeconds, secondMs, startMs, cut } = options;
  const id = `microvm-${randomUUID()}`;
  const tokens: FakeMachine["tokens"] = new Map();
  const guest = startGuest(image.root, image.command);
  const { url, server } = await startProxy({
    portOf: (asked) => (asked === 8080 && machine.state === "RUNNING" ? guest.toolPort() : null),
    isLetIn(token, port) {
      const known = tokens.get(token);
      return known !== undefined && known.port === port && Date.now() < known.until;
    },
    cut,
  });
  const lifetime = setTimeout(() => void endMachine(machine, "maximum duration reached"), maximumDurationInSeconds * secondMs);
  const machine: FakeMachine = {
    id,
    image,
    endpoint: url,
    startedAt: Date.now(),
    maximumDurationInSeconds,
    guest,
    server,
    tokens,
    state: "PENDING",
    stateReason: null,
    clock: { lifetime },
  };
  void guest.gone.then(() => endMachine(machine, "the container ended"));
  void (async () => {
    await new Promise((resolve) => setTimeout(resolve, startMs));
    // The snapshot was taken of a guest that was ready.
    while ((await guest.hook("ready", "")) === 503) await new Promise((resolve) => setTimeout(resolve, 10));
    const status = await guest.hook("run", JSON.stringify({ microvmId: id, runHookPayload: payload }));
    if (status !== 200) await endMachine(machine, `the run hook answered ${status}`);
    else if (machine.state === "PENDING") machine.state = "RUNNING";
  })();
  return machine;
}

export async function endMachine(machine: FakeMachine, reason: string): Promise<void> {
  if (machine.state === "TERMINATED") return;
  machine.state = "TERMINATED";
  machine.stateReason = reason;
  clearTimeout(machine.clock.lifetime);
  machine.server.closeAllConnections();
  machine.server.close();
  await machine.guest.kill();
}

export function giveToken(machine: FakeMachine, port: number, minutes: number, secondMs: number): string {
  const token = randomUUID();
  machine.tokens.set(token, { port, until: Date.now() + minutes * 60 * secondMs });
  return token;
}
