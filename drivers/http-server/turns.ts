import type { Server } from "node:http";
import type { Socket } from "node:net";

/** At 2 ms for a request of 50 kB, a turn is over before a token of another answer is noticeably late. */
const REQUESTS_A_TURN = 8;

/**
 * Takes in a few requests in a turn of the event loop, however many come at one moment: the others wait in the system's buffers, not in
 * this process's memory, and answers under way go on in between.
 */
export function takeTurns(server: Server): void {
  /** Connections whose next request has not begun. */
  const idle = new Set<Socket>();
  /** Those of them that are not read for now, in the order in which they will be again. */
  const held = new Set<Socket>();
  let taken = 0;
  let isEnding = false;

  const hold = (socket: Socket): void => {
    socket.pause();
    held.add(socket);
  };
  const endTurn = (): void => {
    isEnding = false;
    taken = 0;
    const next = [...held.values().take(REQUESTS_A_TURN)];
    for (const socket of next) {
      held.delete(socket);
      socket.resume();
    }
    if (next.length > 0) endTurnLater();
  };
  const endTurnLater = (): void => {
    if (!isEnding) setImmediate(endTurn);
    isEnding = true;
  };
  const wait = (socket: Socket): void => {
    idle.add(socket);
    if (held.size > 0) hold(socket);
  };

  server.on("connection", (socket) => {
    wait(socket);
    socket.once("close", () => {
      idle.delete(socket);
      held.delete(socket);
    });
  });
  server.on("request", ({ socket }, outgoing) => {
    idle.delete(socket);
    outgoing.once("close", () => {
      if (!socket.destroyed) wait(socket);
    });
    taken += 1;
    endTurnLater();
    if (taken !== REQUESTS_A_TURN) return;
    for (const waiting of idle) if (!held.has(waiting)) hold(waiting);
  });
}
