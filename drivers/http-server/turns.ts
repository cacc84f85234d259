import type { Server } from "node:http";
import type { Socket } from "node:net";

/** At 2 ms for a request of 50 kB, a turn is over before a token of another answer is noticeably late. */
const REQUESTS_A_TURN = 8;

/**
 * Takes in a few requests in a turn of the event loop, however many come at one moment: the others wait in the system's buffers, not in
 * this process's memory, and answers under way go on in between.
 */
export function takeTurns(server: Server, requestsATurn = REQUESTS_A_TURN): void {
  /** Those whose next request has not begun. */
  const idle = new Set<Socket>();
  let taken = 0;
  let isHolding = false;

  const nextTurn = (): void => {
    taken = 0;
    if (!isHolding) return;
    isHolding = false;
    for (const socket of idle) socket.resume();
  };

  server.on("connection", (socket) => {
    idle.add(socket);
    socket.once("close", () => idle.delete(socket));
    if (isHolding) socket.pause();
  });
  server.on("request", ({ socket }, outgoing) => {
    idle.delete(socket);
    outgoing.once("close", () => {
      if (socket.destroyed) return;
      idle.add(socket);
      if (isHolding) socket.pause();
    });
    if (taken === 0) setImmediate(nextTurn);
    taken += 1;
    if (taken < requestsATurn || isHolding) return;
    isHolding = true;
    for (const waiting of idle) waiting.pause();
  });
}
