import { readdir, readFile, readlink } from "node:fs/promises";

/** The process that holds the other end of a connection to this machine: by its port, from what Linux says of sockets. Null: it is gone. */
export async function processAtPort(port: number): Promise<number | null> {
  const inode = await inodeOf(port);
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

/** proc_net_tcp(5): the second column is the local address and port in hexadecimal, the tenth the inode. */
async function inodeOf(port: number): Promise<string | null> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of (await readFile("/proc/net/tcp", "utf8")).split("\n").slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(ending) === true && columns[9] !== "0") return columns[9] ?? null;
  }
  return null;
}
