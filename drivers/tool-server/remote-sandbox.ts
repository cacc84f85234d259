import type * as z from "zod";
import type { Checkpoint, OpenOptions, Sandbox } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import type { Caller } from "./caller.ts";
import { entries, executed, fileStat, MAX_BODY_BYTES, opened, presence, savedState, sentence, type RequestHead } from "./protocol.ts";

/** Beyond the time limit of a command, or for work that has none of its own. */
const SLACK_MS = 300_000;

export interface OpenedSandbox {
  readonly sandbox: Sandbox;
  readonly baseCommit: string;
}

/** Opens the workspace of a tool server: a Sandbox whose every call travels. `close` is what the caller does with the machine. */
export async function openRemoteSandbox(
  caller: Pick<Caller, "call">,
  options: OpenOptions,
  close: () => Promise<void>,
): Promise<OpenedSandbox> {
  let closing: Promise<void> | null = null;

  async function ask<T>(
    head: RequestHead,
    shape: z.ZodType<T>,
    more: { readonly body?: Uint8Array; readonly patienceMs?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ readonly value: T; readonly body: Buffer }> {
    if (closing !== null) throw new SandboxError("sandbox_failed", "The sandbox is closed.");
    const { value, body } = await caller.call(head, {
      patienceMs: more.patienceMs ?? SLACK_MS,
      ...(more.body && { body: more.body }),
      ...(more.signal && { signal: more.signal }),
    });
    const read = shape.safeParse(value);
    if (read.success) return { value: read.data, body };
    throw new SandboxError("sandbox_failed", "The sandbox answered what is not of its protocol.", { cause: read.error });
  }

  const { limits, checkpoint, signal } = options;
  const first = await ask(
    { op: "open", limits, checkpoint: checkpoint === undefined ? null : { cwd: checkpoint.cwd, env: { ...checkpoint.env } } },
    opened,
    { body: Buffer.from(checkpoint?.patchBase64 ?? "", "base64"), signal },
  );

  const sandbox: Sandbox = {
    async exec(command, { timeoutMs, shell, signal: aborting }) {
      const more = { patienceMs: timeoutMs + SLACK_MS, signal: aborting };
      const { value, body } = await ask({ op: "exec", command, timeoutMs, shell }, executed, more);
      return { ...value, output: body };
    },
    checkSyntax: async (command) => (await ask({ op: "checkSyntax", command }, sentence)).value,
    stat: async (path) => (await ask({ op: "stat", path }, fileStat)).value,
    async readFile(path, maxBytes) {
      const { value: isThere, body } = await ask({ op: "readFile", path, maxBytes: atMost(maxBytes) }, presence);
      return isThere ? body : null;
    },
    writeFile: async (path, content) => (await ask({ op: "writeFile", path }, sentence, { body: content })).value,
    list: async (path, depth, limit) => (await ask({ op: "list", path, depth, limit }, entries)).value,
    diff: async (maxBytes) => (await ask({ op: "diff", maxBytes: atMost(maxBytes) }, sentence)).body,
    async checkpoint(maxBytes): Promise<Checkpoint | null> {
      const { value, body } = await ask({ op: "checkpoint", maxBytes: atMost(maxBytes) }, savedState);
      return value === null ? null : { patchBase64: body.toString("base64"), cwd: value.cwd, env: value.env };
    },
    close: () => (closing ??= close()),
  };
  return { sandbox, baseCommit: first.value.baseCommit };
}

const atMost = (bytes: number): number => Math.min(bytes, MAX_BODY_BYTES);
