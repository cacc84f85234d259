import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

export const PACKAGE = resolve(import.meta.dirname, "package");
export const IMAGE = "serac-sft:test";

/** A `python` that says of itself what a test wants, and is the real one otherwise. */
export async function pythonThatHas(folder: string, said: Readonly<Record<string, unknown>>): Promise<string> {
  const whole = { version: [3, 11, 2], missing: [], broken: null, device: "cpu", devices: 1, memory: 8e9, ...said };
  return program(folder, "python", `if [ "$1" = -c ]; then echo 'serac-probe:${JSON.stringify(whole)}'; exit 0; fi\nexec python3 "$@"`);
}

/** A `python` whose trainer is the stand-in, whatever it is told; TRAINER_BEHAVIOUR says how that behaves. */
export async function pythonOfStandIn(folder: string, said: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const plain = await pythonThatHas(join(folder, "plain"), said);
  return program(folder, "python", `export PYTHONPATH='${PACKAGE}'\nexec '${plain}' "$@"`);
}

/** A `docker` that knows one image and runs what is in it on this machine. What it was called with stands in docker.log. */
export async function dockerThatRuns(folder: string, { gpus }: { readonly gpus: boolean }): Promise<string> {
  const said = JSON.stringify({ version: [3, 12, 1], missing: [], broken: null, device: gpus ? "cuda" : "cpu", devices: 1, memory: 8e10 });
  return program(
    folder,
    "docker",
    `printf '%s\\n' "$*" >>'${join(folder, "docker.log")}'
if [ "$1 $2" = "image inspect" ]; then [ "$5" = '${IMAGE}' ]; exit; fi
if [ "$1" = kill ]; then kill -KILL "$(cat '${folder}/'"$2")"; exit; fi
case "$*" in
  *"--gpus all"*) ${gpus ? ":" : `echo 'could not select device driver "" with capabilities: [[gpu]].' >&2; exit 125`};;
esac
case "$*" in *"--entrypoint python3"*) echo 'serac-probe:${said}'; exit 0;; esac
while [ "$1" != '${IMAGE}' ]; do [ "$1" = --name ] && echo $$ >'${folder}/'"$2"; shift; done
shift
PYTHONPATH='${PACKAGE}' PYTHONDONTWRITEBYTECODE=1 exec python3 -m serac_sft.launch "$@"`,
  );
}

async function program(folder: string, name: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}
