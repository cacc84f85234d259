import { randomUUID } from "node:crypto";
import { estimatePlan } from "../../core/plan/estimate.ts";
import { InputError } from "../../core/errors/index.ts";
import type { RepositorySource } from "../../core/survey/repository.ts";
import { readConfig, nameOf, teacherOf } from "../config/resolve.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { openRepository } from "../platform.ts";
import type { CloudRun, ControlClient } from "../platform/cloud.ts";
import { readDemonstrations } from "../run/demonstrations.ts";
import { requireFunctions } from "../run/functions.ts";
import type { RunFlags } from "../run/run.ts";
import { estimateLine } from "../text/estimate.ts";
import { cloudConfig } from "./cloud-config.ts";
import type { CloudFlags } from "./flags.ts";
import { detach, follow } from "./follow.ts";
import { openCloud } from "./open.ts";
import { packed } from "./pack.ts";
import { demonstrationsToSend } from "./texts.ts";
import { megabytes, transferProgress } from "./transfer-progress.ts";

export interface CloudRunFlags extends RunFlags, CloudFlags {
  readonly detach?: true;
}

/** `serac run --cloud`: the checks of a local run, then the repository goes up at its commit, and the run goes on there. */
export async function cloudRun(repo: string | null, flags: CloudRunFlags, io: Io): Promise<void> {
  if (flags.rehearse === true) {
    throw new InputError("usage", "--rehearse starts a teacher on this machine, which the cloud cannot reach.", {
      hint: "Give --teacher URL of a teacher that it can; `serac rehearse` serves the scripted one.",
    });
  }
  const client = await openCloud(flags, io);
  const { config, file } = await readConfig({ repo, configFile: flags.config ?? null, flags, rehearse: false }, io);
  const { sent, notes } = cloudConfig(config);
  const given = await readDemonstrations(config.describe.demonstrations);
  await using repository = await disposable(openRepository(config.repo.source, config.repo.commit));
  await requireFunctions(repository.source, config);
  await mayStart(client);

  const request = { config: { ...sent }, name: nameOf(config), demonstrations: await demonstrationsToSend(given, repository.source) };
  const run = await uploadAndStart(client, repository.source, request, { io, quiet: flags.quiet === true });
  const { commit, origin } = repository.source;
  const rows: (readonly [string, string])[] = [
    ["run", run.runId],
    ...(file === null ? [] : [["config", file] as const]),
    ["repository", commit === null ? `${origin} (plain folder)` : `${origin} at ${commit.slice(0, 12)}`],
    ...[...repository.source.notes, ...notes].map((note) => ["", note] as const),
    ["teacher", `${teacherOf(config).model} at ${teacherOf(config).baseUrl}`],
    ["cloud", client.url],
    ["estimate", estimateLine(estimatePlan({ config, functions: null }))],
  ];
  io.err.tell(rows.map(([label, text]) => `${label.padEnd(12)}${text}\n`).join(""));
  await (flags.detach === true ? detach : follow)(client, run, flags, io);
}

interface Starting {
  readonly config: Record<string, unknown>;
  readonly name: string;
  readonly demonstrations: readonly string[];
}

async function uploadAndStart(
  client: ControlClient,
  repository: RepositorySource,
  request: Starting,
  { io, quiet }: { readonly io: Io; readonly quiet: boolean },
): Promise<CloudRun> {
  const interrupts = watchInterrupts({
    graceMs: 10_000,
    onFirst: () => io.err.tell("Stopping: no run was started yet.\n"),
    onForce: () => process.exit(EXIT.paused),
  });
  try {
    await using archive = await packed(repository, interrupts.signal);
    const { uploadId, url, headers } = await client.createUpload({ bytes: archive.bytes, format: "tar.gz" });
    if (!quiet) io.err.tell(`uploading ${megabytes(archive.bytes)} MB\n`);
    const onProgress = transferProgress(io, "uploading", archive.bytes, quiet);
    await client.upload({ url, headers, bytes: archive.bytes, open: () => archive.open(), onProgress, signal: interrupts.signal });
    interrupts.signal.throwIfAborted();
    return await client.startRun({ ...request, uploadId }, randomUUID());
  } finally {
    interrupts.stop();
  }
}

/** Before a repository is packed for nothing. */
async function mayStart(client: ControlClient): Promise<void> {
  const { id, scopes } = await client.me();
  const missing = (["runs:write", "runs:read"] as const).filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return;
  throw new InputError("scope_missing", `The key ${id} may not start and follow runs: it lacks ${missing.join(" and ")}.`, {
    hint: "Ask the operator of the deployment for another key.",
  });
}

async function disposable(opening: Promise<RepositorySource>): Promise<{ readonly source: RepositorySource } & AsyncDisposable> {
  const source = await opening;
  return { source, [Symbol.asyncDispose]: () => source.close() };
}
