import type { SandboxProvider } from "../agent/sandbox.ts";
import type { Teacher } from "../agent/teacher.ts";
import type { TrainingSettings } from "../config/cloud/training.ts";
import type { TeacherConfig } from "../config/schema.ts";
import type { RepositorySource } from "../survey/repository.ts";
import type { StatePlatform } from "../svg/platform.ts";
import type { TrainingData } from "../training/data.ts";
import type { TrainingJobs } from "../training/jobs.ts";
import type { ModelRecord, ModelStore } from "../training/model.ts";

/** Port: addresses under which somebody without an account may fetch or leave one artefact for a while. */
export interface ArtifactLinks {
  download(key: string, options: { readonly expiresMs: number; readonly fileName: string }): Promise<string>;
  /** For one PUT of exactly `bytes` bytes with these headers. */
  upload(key: string, options: { readonly expiresMs: number; readonly bytes: number }): Promise<UploadLink>;
}

export interface UploadLink {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an artefact is, without its content; null when it is not there. */
export interface ArtifactFacts {
  readonly bytes: number;
  /** Changes with the content. */
  readonly version: string;
}

/** Port: which content of a drop became which run. */
export interface DropStore {
  /** Claims this content of the drop for a run; returns the run that has it, which is another one when that came first. */
  claimDrop(name: string, version: string, runId: string): Promise<string>;
}

export const ARCHIVE_FORMATS = ["tar.gz", "zip", "bundle"] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

/** Port: a repository in an archive of the artefact store. Throws InputError("archive_…") for what it will not take. */
export interface Archives {
  open(
    key: string,
    options: { readonly commit: string; readonly origin: string; readonly signal?: AbortSignal },
  ): Promise<RepositorySource>;
}

export const API_SCOPES = ["runs:read", "runs:write", "models:read", "models:write", "keys:write"] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export interface ApiKeyRecord {
  /** Shown in lists; says nothing of the key itself. */
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the key, hex. */
  readonly sha256: string;
  readonly scopes: readonly ApiScope[];
  readonly createdAt: string;
  readonly isRevoked: boolean;
}

/** Port: keys of the control API. */
export interface ApiKeyStore {
  findKey(sha256: string): Promise<ApiKeyRecord | null>;
  addKey(record: ApiKeyRecord): Promise<void>;
  listKeys(): Promise<readonly ApiKeyRecord[]>;
  /** False for an unknown id. */
  revokeKey(id: string): Promise<boolean>;
}

/** What the control API and the functions behind it are built from. */
export interface ControlPlatform extends StatePlatform {
  readonly links: ArtifactLinks;
  readonly drops: DropStore;
  readonly keys: ApiKeyStore;
  readonly models: ModelStore;
  /** Null: no models are trained in this deployment. */
  readonly training: TrainingSettings | null;
  /** Of serac. */
  readonly version: string;
  /** Null when there is none. */
  factsOf(key: string): Promise<ArtifactFacts | null>;
}

/** What the functions that work on a run need beside it. Each is opened when it is first needed. */
export interface Workshop {
  readonly archives: Archives;
  /** Throws InputError("secret_missing") when the key that the configuration names is not there. */
  teacher(config: TeacherConfig): Promise<Teacher>;
  sandbox(): Promise<SandboxProvider>;
  /** Writes the dataset of a run, at once or not at all; may be done twice. Where a person finds it. */
  exportDataset(runId: string, signal: AbortSignal): Promise<{ readonly location: string }>;
  /** writeTrainingData, of core/training, with a sink at dataPrefix(model.id) that is written at once or not at all: README.md last. */
  exportTrainingData(model: ModelRecord, signal: AbortSignal): Promise<TrainingData>;
  /** Null: no models are trained in this deployment. */
  jobs(): Promise<TrainingJobs | null>;
}
