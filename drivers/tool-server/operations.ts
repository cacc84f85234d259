import type { BaseSnapshot, Sandbox, SandboxProvider } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { encodeMessage, type Message } from "./message.ts";
import { requestHead, type RequestHead, type ResultHead } from "./protocol.ts";
import type { Work } from "./call-table.ts";

/** The one workspace of a server, by what may be asked of it. */
export interface Operations {
  /** What a message asks for. Throws SyntaxError for one that asks for nothing that there is. */
  read(message: Message): Work;
  close(): Promise<void>;
}

interface Answer {
  readonly value: unknown;
  readonly body?: Uint8Array;
}

export function createOperations(provider: SandboxProvider, base: BaseSnapshot): Operations {
  let opening: Promise<Sandbox> | null = null;

  async function answer(head: RequestHead, body: Uint8Array, signal: AbortSignal): Promise<Answer> {
    if (head.op === "open") {
      if (opening !== null) throw new SandboxError("sandbox_failed", "The workspace is open already.");
      const { limits, checkpoint } = head;
      const patch = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      opening = provider.open(base, {
        limits,
        signal,
        ...(checkpoint !== null && { checkpoint: { ...checkpoint, patchBase64: patch.toString("base64") } }),
      });
      await opening;
      return { value: { baseCommit: base.baseCommit } };
    }
    if (opening === null) throw new SandboxError("sandbox_failed", "The workspace is not open.");
    return await askSandbox(await opening, head, body, signal);
  }

  return {
    read(message) {
      const head = requestHead.safeParse(message.head);
      if (!head.success) throw new SyntaxError(head.error.issues[0]?.message ?? "The request is none of the protocol's.");
      const body = Uint8Array.from(message.body);
      return async (signal) => {
        try {
          const { value, body: bytes } = await answer(head.data, body, signal);
          return encodeMessage({ isDone: true, value } satisfies ResultHead, bytes);
        } catch (error) {
          return encodeMessage(failure(error, signal));
        }
      };
    },
    async close() {
      const sandbox = await opening?.catch(() => null);
      await sandbox?.close();
    },
  };
}

async function askSandbox(
  sandbox: Sandbox,
  head: Exclude<RequestHead, { op: "open" }>,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Answer> {
  switch (head.op) {
    case "exec": {
      const { output, ...value } = await sandbox.exec(head.command, { timeoutMs: head.timeoutMs, shell: head.shell, signal });
      return { value, body: output };
    }
    case "checkSyntax":
      return { value: await sandbox.checkSyntax(head.command) };
    case "stat":
      return { value: await sandbox.stat(head.path) };
    case "readFile": {
      const content = await sandbox.readFile(head.path, head.maxBytes);
      return content === null ? { value: false } : { value: true, body: content };
    }
    case "writeFile":
      return { value: await sandbox.writeFile(head.path, body) };
    case "list":
      return { value: await sandbox.list(head.path, head.depth, head.limit) };
    case "diff":
      return { value: null, body: await sandbox.diff(head.maxBytes) };
    default: {
      const saved = await sandbox.checkpoint(head.maxBytes);
      if (saved === null) return { value: null };
      return { value: { cwd: saved.cwd, env: saved.env }, body: Buffer.from(saved.patchBase64, "base64") };
    }
  }
}

function failure(error: unknown, signal: AbortSignal): ResultHead {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 10_000);
  if (signal.aborted) return { isDone: false, why: "aborted", message, hint: null };
  if (error instanceof SandboxError) return { isDone: false, why: "sandbox", message, hint: error.hint ?? null };
  return { isDone: false, why: "defect", message, hint: null };
}
