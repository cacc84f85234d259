import { posix } from "node:path";
import { WORKSPACE } from "../../agent/sandbox.ts";
import { AFTER, beginning, isTornUrl } from "./boundaries.ts";
import type { PathMap } from "./path-map.ts";
import { createQuoting } from "./shell-quoting.ts";

export interface CommandPathMap extends PathMap {
  /** For a bash command of the model: as `toClient`, with a directory that holds blanks and the like quoted where it has to be. */
  commandToClient(command: string): string;
}

/**
 * Exact in both directions for every text. A path has endless equal forms, `/x`, `/./x`, `/././x` and so on, which make a chain:
 *
 *     client  …  /././dir   /./dir   /dir       /testbed     /./testbed   …
 *     model   …  /./dir     /dir     /testbed   /./testbed   /././testbed …
 *
 * so that a text which means the model's own directory on the client's side, or the client's on the model's side, still says the same
 * and comes back as it was. Forms that a shell quotes (`/my\ dir`) are other texts and stay as they are.
 */
export function createPathMap(directory: string | null): CommandPathMap {
  const client = directory === null ? null : usable(directory);
  return client === null ? IDENTITY : rememberedMap(client);
}

/** The maps of the directories used last: their patterns are dear to make, and a session asks for the same one with each request. */
const remembered = new Map<string, CommandPathMap>();
const MOST_REMEMBERED = 64;

function rememberedMap(client: string): CommandPathMap {
  const map = remembered.get(client) ?? mapOf(client);
  remembered.delete(client);
  remembered.set(client, map);
  const [oldest] = remembered.keys();
  if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return map;
}

const IDENTITY: CommandPathMap = { toModel: (text) => text, toClient: (text) => text, commandToClient: (text) => text };

// oxlint-disable-next-line no-control-regex -- a directory that holds some is nothing to look for in texts
const CONTROL = /[\u0000-\u001f\u007f]/;

function usable(directory: string): string | null {
  if (!directory.startsWith("/") || CONTROL.test(directory) || !directory.isWellFormed()) return null;
  const path = posix.normalize(directory).replace(/\/+$/, "");
  // Full stops behind the model's own directory could be either's.
  return path === "" || path.replace(/\.+$/, "") === WORKSPACE ? null : path;
}

/** A path in one of its forms: `/`, then `./` so many times, then the rest of the client's directory or of the model's. */
interface Form {
  readonly isClients: boolean;
  readonly dots: number;
}

function mapOf(client: string): CommandPathMap {
  const [ours, theirs] = [WORKSPACE.slice(1), client.slice(1)];
  // Where the one begins with the other, the side on which both can be meant reads its own directory first.
  const isNested = new RegExp(`^${ours}${AFTER}`, "u").test(theirs);
  const quoted = theirs.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const start = `${beginning(client)}/`;
  const inClient = new RegExp(`${start}((?:\\./)*)(?:(${quoted})|${ours})${AFTER}`, "gu");
  const inModel = isNested
    ? new RegExp(`${start}(?:${ours}|((?:\\./)+)(?:(${quoted})|${ours}))${AFTER}`, "gu")
    : new RegExp(`${start}((?:\\./)*)(?:(${quoted})|${ours})${AFTER}`, "gu");

  const write = ({ isClients, dots }: Form) => `/${"./".repeat(dots)}${isClients ? theirs : ours}`;
  const forModel = ({ isClients, dots }: Form): Form => {
    if (!isClients) return { isClients, dots: dots + 1 };
    if (dots === 0) return { isClients: false, dots };
    return isNested ? { isClients, dots } : { isClients, dots: dots - 1 };
  };
  const forClient = ({ isClients, dots }: Form): Form => {
    if (!isClients) return dots === 0 ? { isClients: true, dots } : { isClients, dots: dots - 1 };
    return isNested ? { isClients, dots } : { isClients, dots: dots + 1 };
  };

  const translate = (text: string, pattern: RegExp, image: (form: Form, at: number) => string): string => {
    if (!text.includes(WORKSPACE) && !text.includes(client)) return text;
    let floor = -1;
    return text.replaceAll(pattern, (path: string, dots: string | undefined, clients: string | undefined, at: number) => {
      // Behind a path begins no other, whatever character ends it.
      if (at === floor || isTornUrl(text, at, floor)) return path;
      floor = at + path.length;
      return image({ isClients: clients !== undefined, dots: (dots ?? "").length / 2 }, at);
    });
  };

  const quoting = createQuoting(client);
  const toClient = (text: string) => translate(text, inModel, (form) => write(forClient(form)));
  return {
    toModel: (text) => translate(text, inClient, (form) => write(forModel(form))),
    toClient,
    commandToClient(command) {
      if (quoting === null) return toClient(command);
      const quotedAt = quoting(command);
      return translate(command, inModel, (form, at) => (!form.isClients && form.dots === 0 ? quotedAt(at) : write(forClient(form))));
    },
  };
}
