import { execFile } from "node:child_process";
import { InputError } from "../../core/errors/index.ts";

/** What a Python can train with. */
export interface Probed {
  readonly device: "cpu" | "cuda";
  readonly devices: number;
  /** Of one device; of the machine where it is the CPU. */
  readonly memoryBytes: number | null;
}

const MARK = "serac-probe:";
const PACKAGES = ["torch", "transformers", "trl", "peft", "accelerate", "datasets", "jinja2", "jsonschema", "boto3"];
/** Below 3.10 the trainer's packages do not install. */
const OLDEST = [3, 10];

/** In plain old Python, so that any interpreter gets as far as saying which one it is. */
export const PROBE = `
import json, sys
said = {"version": list(sys.version_info[:3]), "missing": [], "broken": None, "device": "cpu", "devices": 1, "memory": None}
def tell():
    print("${MARK}" + json.dumps(said))
    sys.exit(0)
if sys.version_info < (${OLDEST.join(", ")}):
    tell()
import importlib.util, os
said["missing"] = [name for name in ${JSON.stringify(PACKAGES)} if importlib.util.find_spec(name) is None]
if said["missing"]:
    tell()
try:
    import torch
    if torch.cuda.is_available():
        said["device"], said["devices"] = "cuda", torch.cuda.device_count()
        said["memory"] = min(torch.cuda.get_device_properties(i).total_memory for i in range(said["devices"]))
    else:
        said["memory"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
except Exception as error:
    said["broken"] = "%s: %s" % (type(error).__name__, error)
tell()
`;

/** The first import of torch from a slow disk takes a minute. */
const PATIENCE_MS = 180_000;

/** Asks a Python, reached by `command`, what it has. InputError("trainer_unavailable"); `remedy` is its hint. */
export async function probe(name: string, command: string, args: readonly string[], remedy: string): Promise<Probed> {
  const unavailable = (why: string, cause?: unknown): InputError =>
    new InputError("trainer_unavailable", `${name} cannot train: ${why}.`, { hint: remedy, cause });
  const answer = await ask(command, args).catch((error: unknown) => {
    throw unavailable(whyNot(error), error);
  });
  const said = read(answer);
  if (said === null) throw unavailable("it is no Python that answers");
  if (said.version[0]! < OLDEST[0]! || (said.version[0] === OLDEST[0] && said.version[1]! < OLDEST[1]!))
    throw unavailable(`it is Python ${said.version.join(".")}; ${OLDEST.join(".")} or newer is needed`);
  if (said.missing.length > 0) throw unavailable(`Python ${said.version.join(".")} lacks ${said.missing.join(", ")}`);
  if (said.broken !== null) throw unavailable(`torch does not load (${said.broken})`);
  return { device: said.device, devices: said.devices, memoryBytes: said.memory };
}

function ask(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: PATIENCE_MS, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(Object.assign(error, { said: stderr }));
    });
  });
}

const MOST_SAID = 300;

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT") return "there is no such program";
  if ("code" in error && error.code === "EACCES") return "it may not be run";
  if ("killed" in error && error.killed === true) return `it does not answer within ${PATIENCE_MS / 60_000} minutes`;
  const said = "said" in error ? String(error.said).trim().split("\n").at(-1)! : "";
  return said === "" ? "it fails when it is started" : `it says ${JSON.stringify(said.slice(0, MOST_SAID))}`;
}

interface Said {
  readonly version: readonly number[];
  readonly missing: readonly string[];
  readonly broken: string | null;
  readonly device: "cpu" | "cuda";
  readonly devices: number;
  readonly memory: number | null;
}

function read(output: string): Said | null {
  const line = output.split("\n").findLast((text) => text.startsWith(MARK));
  if (line === undefined) return null;
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own program wrote it
    return JSON.parse(line.slice(MARK.length)) as Said;
  } catch {
    return null;
  }
}
