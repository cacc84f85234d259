import type { RequestRecord } from "../../core/gateway/deps.ts";
import { hashOf } from "../../core/gateway/key-ring.ts";
import { freshKey } from "../gateway/new-key.ts";
import { openGateway } from "../gateway/open.ts";
import { requestLine } from "../gateway/request-line.ts";
import { servingOf } from "../gateway/serving.ts";
import { EMPTY_TALLY, type Tally, tallyText, withRequest } from "../gateway/tally.ts";
import type { Io } from "../io.ts";
import type { Connection } from "./environment.ts";
import type { ConnectFlags } from "./flags.ts";
import { openSessionLog } from "./session-files.ts";

export interface OwnGateway {
  readonly connection: Omit<Connection, "version">;
  /** From now on nothing of it is written to the terminal. */
  hush(): void;
  /** One line on what went through, and where more is written. */
  close(): Promise<string>;
}

/** The client is gone, so nobody waits for an answer. */
const GRACE_MS = 200;

/** A gateway for one session, on a port and with a key that nobody else has. */
export async function startOwnGateway(flags: ConnectFlags, io: Io): Promise<OwnGateway> {
  const serving = servingOf(flags, io);
  const log = await openSessionLog(flags.log, io);
  const key = freshKey();
  io.redactor.hide(key);
  let isQuiet = false;
  let tally: Tally = EMPTY_TALLY;
  const opening = openGateway(
    {
      serving,
      listening: { host: "127.0.0.1", port: 0, graceMs: GRACE_MS },
      keys: [
        {
          id: "connect",
          sha256: hashOf(key),
          isRevoked: false,
          requestsPerMinute: null,
          tokensPerMinute: null,
          capture: flags.capture !== undefined,
        },
      ],
      captureFolder: flags.capture ?? null,
      requiresUpstream: flags.requireUpstream === true,
      onRequest: (record: RequestRecord) => {
        tally = withRequest(tally, record);
        log.write(requestLine(record));
      },
      onNote: (text) => {
        log.write(`note: ${text}\n`);
        if (!isQuiet) io.err.tell(`note: ${text}\n`);
      },
    },
    io,
  );
  const gateway = await opening.catch(async (error: unknown) => {
    await log.discard();
    throw error;
  });
  const { name: model, contextTokens, maxOutputTokens } = gateway.model();
  return {
    connection: { baseUrl: gateway.url, key, model, contextTokens, maxOutputTokens },
    hush: () => (isQuiet = true),
    close: async () => {
      await gateway.close();
      await log.close();
      return `${tallyText(tally, serving.price)}. Log: ${log.path}`;
    },
  };
}
