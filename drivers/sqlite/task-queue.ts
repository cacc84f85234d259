import { randomUUID } from "node:crypto";
import type { SQLOutputValue } from "node:sqlite";
import type { Clock } from "../../core/errors/clock.ts";
import { MAX_RECEIVES } from "../../core/svg/queue.ts";
import type { ReceivedTask, TaskQueue } from "../../core/svg/queue.ts";
import type { Connection } from "./connection.ts";

/**
 * A delivery is a receipt and the time until which others do not see the task. A task whose time ran out after the last
 * allowed delivery is dead: it stays, and is never received again.
 */
export function taskQueueIn({ db, transaction, run }: Connection, clock: Clock): TaskQueue {
  // A task in flight may be enqueued anew (its worker continues later), even one whose time ran out: it may still be acknowledged. One
  // that waits may not.
  const insert = db.prepare(`
    INSERT INTO tasks (queue, id, body, visible_at)
    SELECT :queue, :id, :body, :visible WHERE NOT EXISTS (
      SELECT 1 FROM tasks WHERE queue = :queue AND id = :id AND receives < ${MAX_RECEIVES} AND receipt IS NULL)`);
  const take = db.prepare(`
    UPDATE tasks SET receipt = :receipt || '-' || seq, visible_at = :until, receives = receives + 1
    WHERE seq IN (
      SELECT seq FROM tasks WHERE queue = :queue AND visible_at <= :now AND receives < ${MAX_RECEIVES} ORDER BY seq LIMIT :max)
    RETURNING seq, queue, id, body, receipt, receives`);
  const extend = db.prepare("UPDATE tasks SET visible_at = ? WHERE queue = ? AND id = ? AND receipt = ? AND visible_at > ?");
  const remove = db.prepare("DELETE FROM tasks WHERE queue = ? AND id = ? AND receipt = ?");
  const removeAll = db.prepare("DELETE FROM tasks WHERE queue = ?");
  const giveBack = db.prepare("UPDATE tasks SET receipt = NULL, visible_at = ? WHERE queue = ? AND id = ? AND receipt = ?");
  const waitingTwin = db.prepare(`
    SELECT 1 FROM tasks WHERE queue = ? AND id = ? AND receipt IS NULL AND receives < ${MAX_RECEIVES}`);
  const dead = db.prepare(`
    SELECT queue, id, body, receipt, receives FROM tasks
    WHERE queue = ? AND receives >= ${MAX_RECEIVES} AND NOT (visible_at > ? AND receipt IS NOT NULL) ORDER BY seq`);
  const total = db.prepare("SELECT count(*) AS n FROM tasks WHERE queue = ?");
  const inFlight = db.prepare(
    "SELECT count(*) AS n FROM tasks WHERE queue = ? AND visible_at > ? AND receives > 0 AND receipt IS NOT NULL",
  );
  const deadCount = db.prepare(
    `SELECT count(*) AS n FROM tasks WHERE queue = ? AND receives >= ${MAX_RECEIVES} AND NOT (visible_at > ? AND receipt IS NOT NULL)`,
  );

  return {
    enqueue: async (queue, tasks) => {
      if (tasks.length === 0) return;
      transaction(() => {
        const now = clock.now();
        for (const { id, body, delayMs = 0 } of tasks) insert.run({ queue, id, body, visible: now + delayMs });
      });
    },
    receive: async (queue, max, visibilityMs) => {
      const now = clock.now();
      const rows = run(() => take.all({ queue, max, now, until: now + visibilityMs, receipt: randomUUID() }));
      return rows.toSorted((a, b) => Number(a["seq"]) - Number(b["seq"])).map(taskOf);
    },
    extend: async ({ queue, id, receipt }, visibilityMs) =>
      run(() => extend.run(clock.now() + visibilityMs, queue, id, receipt, clock.now()).changes) === 1,
    acknowledge: async ({ queue, id, receipt }) => {
      run(() => remove.run(queue, id, receipt));
    },
    retry: async ({ queue, id, receipt }, delayMs) => {
      transaction(() => {
        // Enqueued anew in the meantime: that one waits in its stead.
        if (waitingTwin.get(queue, id) === undefined) giveBack.run(clock.now() + delayMs, queue, id, receipt);
        else remove.run(queue, id, receipt);
      });
    },
    deadLetters: async (queue) => run(() => dead.all(queue, clock.now()).map(taskOf)),
    purge: async (queue) => {
      run(() => removeAll.run(queue));
    },
    depth: async (queue) =>
      run(() => {
        const now = clock.now();
        const all = countOf(total.get(queue));
        const flying = countOf(inFlight.get(queue, now));
        const lost = countOf(deadCount.get(queue, now));
        return { waiting: all - flying - lost, inFlight: flying, dead: lost };
      }),
  };
}

type Row = Record<string, SQLOutputValue>;

const countOf = (row: Row | undefined): number => Number(row?.["n"]);

function taskOf(row: Row): ReceivedTask {
  const text = (column: string): string => String(row[column] ?? "");
  return { queue: text("queue"), id: text("id"), body: text("body"), receipt: text("receipt"), receives: Number(row["receives"]) };
}
