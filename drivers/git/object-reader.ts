import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Socket } from "node:net";

import type { GitCommand } from "./git-command.ts";

/** Reads objects through one long-lived `git cat-file --batch`. */
export interface ObjectReader {
  /** Null when the repository does not have the object, or has it damaged. */
  read(objectId: string): Promise<Buffer | null>;
  close(): Promise<void>;
}

interface Waiting {
  readonly objectId: string;
  readonly resolve: (content: Buffer | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Session {
  readonly child: ChildProcessWithoutNullStreams;
  readonly waiting: Waiting[];
}

const CLOSED = "This repository was closed.";

/** Replies come in the order of the requests, so many reads may be under way at once. A git that dies is started again. */
export function objectReader(git: GitCommand): ObjectReader {
  let session: Session | null = null;
  let closed = false;

  function open(): Session {
    const opened: Session = { child: git.start(["cat-file", "--batch"]), waiting: [] };
    const { child, waiting } = opened;
    const parser = replyParser((content) => {
      waiting.shift()?.resolve(content);
      if (waiting.length === 0) idle(child);
    });
    child.stdout.on("data", parser);
    child.stderr.resume();
    child.stdin.on("error", () => undefined);
    child.on("error", (error) => {
      if (session === opened) session = null;
      for (const { reject } of waiting.splice(0)) reject(error);
    });
    child.on("close", () => {
      if (session === opened) session = null;
      // git dies of a damaged object: that one is the first in line, the others are asked for again.
      const [damaged, ...others] = waiting.splice(0);
      damaged?.resolve(null);
      if (closed) for (const { reject } of others) reject(new Error(CLOSED));
      else if (others.length > 0) ask(others, opened);
    });
    return opened;
  }

  function ask(items: readonly Waiting[], dead: Session | null): void {
    if (session === null || session === dead) session = open();
    const { child, waiting } = session;
    if (waiting.length === 0) busy(child);
    for (const item of items) {
      waiting.push(item);
      child.stdin.write(`${item.objectId}\n`);
    }
  }

  return {
    read(objectId) {
      if (closed) return Promise.reject(new Error(CLOSED));
      return new Promise((resolve, reject) => ask([{ objectId, resolve, reject }], null));
    },
    async close() {
      closed = true;
      const last = session;
      session = null;
      if (last === null || last.child.exitCode !== null || last.child.signalCode !== null) return;
      const ended = new Promise((resolve) => last.child.once("close", resolve));
      busy(last.child);
      last.child.kill();
      await ended;
    },
  };
}

const socketsOf = (child: ChildProcessWithoutNullStreams): Socket[] =>
  [child.stdin, child.stdout, child.stderr].filter((stream) => stream instanceof Socket);

/** An idle git must not keep the whole program from ending. */
function idle(child: ChildProcessWithoutNullStreams): void {
  child.unref();
  for (const socket of socketsOf(child)) socket.unref();
}

function busy(child: ChildProcessWithoutNullStreams): void {
  child.ref();
  for (const socket of socketsOf(child)) socket.ref();
}

/** Replies are `object SP type SP size LF content LF`, or `object SP missing LF` (git-cat-file(1), BATCH OUTPUT). */
export function replyParser(onReply: (content: Buffer | null) => void): (chunk: Buffer) => void {
  let header: Buffer[] = [];
  let body: Buffer[] = [];
  /** Bytes of content still to come, the line feed after it included; null while reading a header. */
  let missing: number | null = null;

  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (missing === null) {
        const lineFeed = rest.indexOf(10);
        if (lineFeed < 0) {
          header.push(rest);
          return;
        }
        const line = Buffer.concat([...header, rest.subarray(0, lineFeed)]).toString("latin1");
        header = [];
        rest = rest.subarray(lineFeed + 1);
        const size = / [a-z]+ (\d+)$/.exec(line)?.[1];
        if (size === undefined) onReply(null);
        else missing = Number(size) + 1;
      } else {
        const part = rest.subarray(0, missing);
        body.push(part);
        missing -= part.length;
        rest = rest.subarray(part.length);
        if (missing === 0) {
          const content = Buffer.concat(body);
          body = [];
          missing = null;
          onReply(content.subarray(0, -1));
        }
      }
    }
  };
}
