import { readdir, readFile, readlink } from "node:fs/promises";

/** As the caller sees it, on the loopback. */
export interface Connection {
  readonly fromPort: number;
  readonly toPort: number;
}

/**
 * The process that called, from what Linux says of sockets. Null: it is gone. Both ports are needed: one port may begin connections to
 * several servers at a time.
 */
export async function processAt(connection: Connection): Promise<number | null> {
  const inode = await inodeOf(connection);
  if (inode === null) return null;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const open = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of open) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (target === `socket:[${inode}]`) return Number(pid);
    }
  }
  return null;
}

/** proc_net_tcp(5): the second column is the local address and port in hexadecimal, the third the other side's, the tenth the inode. */
async function inodeOf({ fromPort, toPort }: Connection): Promise<string | null> {
  const ending = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of (await readFile("/proc/net/tcp", "utf8")).split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(ending(fromPort)) !== true || columns[2]?.endsWith(ending(toPort)) !== true) continue;
    if (columns[9] !== "0") return columns[9] ?? null;
  }
  return null;
}
