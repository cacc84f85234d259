import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { WORKSPACE } from "../../core/agent/sandbox.ts";
import { InputError } from "../../core/errors/index.ts";
import type { BwrapOption } from "./bwrap-option.ts";

/** Home of the agent inside the sandbox. */
export const AGENT_HOME = "/home/agent";
export const AGENT_ID = 1000;

const ROOT_LINKS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
const OWN_PLACES = [WORKSPACE, "/tmp", "/var/tmp", "/proc", "/dev", "/sys", "/etc", "/base", "/w", "/g", "/agent", "/home/agent"];
const DEFAULT_PATH = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** What of the host can be seen inside: its programs and libraries, never its data. */
export interface SystemView {
  /** Besides /usr, which may carry a layer of its own. */
  readonly binds: readonly BwrapOption[];
  readonly mounts: readonly string[];
  readonly path: string;
}

/** Throws InputError for a mount that does not exist or would cover a place of the sandbox's own. */
export function describeSystem(requestedMounts: readonly string[], hostPath: string): SystemView {
  const mounts = requestedMounts.map(checkMount);
  const binds: BwrapOption[] = [];
  for (const name of ROOT_LINKS) {
    const at = `/${name}`;
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) binds.push(["--symlink", readlinkSync(at), at]);
    else if (stat?.isDirectory()) binds.push(["--ro-bind", at, at]);
  }
  if (statSync("/nix/store", { throwIfNoEntry: false })?.isDirectory()) binds.push(["--ro-bind", "/nix/store", "/nix/store"]);
  for (const mount of mounts) binds.push(["--ro-bind", mount, mount]);
  return { binds, mounts, path: searchPath(mounts, hostPath) };
}

function checkMount(mount: string): string {
  const rule = "environment.mounts takes absolute paths of readable folders that lie outside the sandbox's own places";
  if (!path.isAbsolute(mount))
    throw new InputError("config_invalid", `environment.mounts: "${mount}" is not an absolute path.`, { hint: rule });
  const normal = path.normalize(mount).replace(/(.)\/+$/, "$1");
  if (normal === "/" || OWN_PLACES.some((place) => contains(place, normal) || contains(normal, place))) {
    throw new InputError("config_invalid", `environment.mounts: "${mount}" would cover a folder of the sandbox itself.`, { hint: rule });
  }
  try {
    accessSync(normal, constants.R_OK | constants.X_OK);
    if (statSync(normal).isDirectory()) return normal;
  } catch {
    // Said below, with the rule.
  }
  throw new InputError("config_invalid", `environment.mounts: "${mount}" is not a folder that can be read.`, { hint: rule });
}

/** The host's search path without what cannot be seen inside. */
function searchPath(mounts: readonly string[], hostPath: string): string {
  const visible = ["/usr", "/bin", "/sbin", "/nix/store", ...mounts];
  const kept = hostPath.split(":").filter((entry) => {
    if (!path.isAbsolute(entry) || !visible.some((place) => contains(place, entry))) return false;
    try {
      const real = realpathSync(entry);
      return visible.some((place) => contains(place, real)) && statSync(real).isDirectory();
    } catch {
      return false;
    }
  });
  return [...new Set([`${AGENT_HOME}/.local/bin`, ...kept, ...DEFAULT_PATH])].join(":");
}

function contains(folder: string, inner: string): boolean {
  return inner === folder || inner.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** A new session's exported variables. No more than these: the host's environment stays outside. */
export function agentEnvironment(searchPathText: string): Readonly<Record<string, string>> {
  return {
    PATH: searchPathText,
    HOME: AGENT_HOME,
    USER: "agent",
    LOGNAME: "agent",
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    TERM: "dumb",
    PAGER: "cat",
    MANPAGER: "cat",
    GIT_PAGER: "cat",
    GIT_TERMINAL_PROMPT: "0",
    LESS: "-R",
    PIP_PROGRESS_BAR: "off",
    TQDM_DISABLE: "1",
  };
}
