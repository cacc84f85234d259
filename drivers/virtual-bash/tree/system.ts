import { getCommandNames } from "just-bash";

/** The few places outside the workspace that scripts look at. All of it is read-only; /tmp is the workspace's own. */
export const OUTPUT_DEVICE = "/dev/console";

export const SYSTEM_DIRECTORIES: readonly string[] = ["/", "/bin", "/dev", "/etc", "/proc", "/tmp", "/usr", "/usr/bin"];

const DEVICES: readonly string[] = ["/dev/null", "/dev/zero", "/dev/stdin", "/dev/stdout", "/dev/stderr", OUTPUT_DEVICE];

const stub = (name: string): readonly [string, string][] => [
  [`/bin/${name}`, `# ${name}: built into this shell\n`],
  [`/usr/bin/${name}`, `# ${name}: built into this shell\n`],
];

export const SYSTEM_FILES: ReadonlyMap<string, string> = new Map<string, string>([
  ...DEVICES.map((path): [string, string] => [path, ""]),
  ["/etc/passwd", "agent:x:1000:1000::/tmp:/bin/bash\n"],
  ["/proc/version", "virtual\n"],
  // just-bash has words of its own for a python that is not on the path; on the path, `missingCommand` answers in bash's.
  ...[...getCommandNames(), "git", "python", "python3"].flatMap(stub),
]);

const names = new Map<string, Set<string>>(SYSTEM_DIRECTORIES.map((path) => [path, new Set()]));
for (const path of [...SYSTEM_DIRECTORIES, ...SYSTEM_FILES.keys(), "/testbed"]) {
  if (path !== "/") names.get(path.slice(0, path.lastIndexOf("/")) || "/")?.add(path.slice(path.lastIndexOf("/") + 1));
}
export const SYSTEM_CHILDREN: ReadonlyMap<string, ReadonlySet<string>> = names;

export const isDevice = (path: string): boolean => path.startsWith("/dev/");
