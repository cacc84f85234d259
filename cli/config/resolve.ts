import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type ConfigLayer, flagLayer } from "../../core/config/layer.ts";
import { resolveConfig } from "../../core/config/resolve.ts";
import type { SeracConfig, TeacherConfig } from "../../core/config/schema.ts";
import { yamlLayer } from "../../core/config/yaml-layer.ts";
import { InputError } from "../../core/errors/index.ts";
import type { Io } from "../io.ts";
import { type GivenFlags, layerOfFlags } from "./flags.ts";

export const CONFIG_FILE = "serac.yaml";

/** Port 0 can be connected to by nobody: it stands for the rehearsal teacher that the run starts for itself. */
export const OWN_REHEARSAL_URL = "http://127.0.0.1:0/v1";

export interface ConfigRequest {
  /** The positional argument; null when absent. */
  readonly repo: string | null;
  /** `-c`; null: serac.yaml here, if there is one. */
  readonly configFile: string | null;
  readonly flags: GivenFlags;
  readonly rehearse: boolean;
}

export interface ResolvedConfig {
  /** Paths in it are absolute. */
  readonly config: SeracConfig;
  /** The file that was read, as it was named; null when there was none. */
  readonly file: string | null;
}

/** serac.yaml and the flags over it. InputError: config_unreadable, config_invalid, usage. */
export async function readConfig(request: ConfigRequest, io: Io): Promise<ResolvedConfig> {
  if (request.rehearse && request.flags["teacher"] !== undefined) {
    throw new InputError("usage", "--rehearse and --teacher cannot both be given.", {
      hint: "--rehearse brings a teacher of its own; leave one of them out.",
    });
  }
  const { file, layers: fromFile, base } = await openConfigFile(request.configFile, io.cwd);
  const layers = [
    ...fromFile,
    ...(request.rehearse ? [rehearsalLayer(request.flags)] : []),
    await layerOfFlags(request.flags, request.repo === null ? {} : { "repo.source": absolutePath(request.repo, io.cwd) }),
  ];
  const config = absolute(resolveConfig(layers), base);
  return { config: request.rehearse ? withoutKey(config) : config, file };
}

export interface ConfigFile {
  /** As it was named; null when there is none. */
  readonly file: string | null;
  readonly layers: readonly ConfigLayer[];
  /** Folder that paths in it are relative to. */
  readonly base: string;
}

/** The file that was named, else serac.yaml in `cwd` if there is one. InputError: config_unreadable, config_invalid. */
export async function openConfigFile(named: string | null, cwd: string): Promise<ConfigFile> {
  const file = named ?? (await defaultFile(cwd));
  if (file === null) return { file, layers: [], base: cwd };
  return { file, layers: [await readFileLayer(file, cwd)], base: dirname(resolve(cwd, file)) };
}

export function teacherOf(config: SeracConfig): TeacherConfig {
  if (config.teacher !== undefined) return config.teacher;
  throw new InputError("config_invalid", "No teacher is given: teacher.baseUrl and teacher.model are missing.", {
    hint: `Give --teacher URL --model NAME, or a teacher section in ${CONFIG_FILE}; --rehearse runs with a scripted stand-in at no cost.`,
  });
}

/** What a run is called when nobody named it. */
export const nameOf = (config: SeracConfig): string => config.name ?? (basename(config.repo.source) || "run");

function rehearsalLayer(flags: GivenFlags): ConfigLayer {
  return flagLayer({ teacher: { baseUrl: OWN_REHEARSAL_URL, ...(flags["model"] === undefined ? { model: "rehearsal" } : {}) } }, {});
}

function withoutKey(config: SeracConfig): SeracConfig {
  if (config.teacher === undefined) return config;
  const { apiKeyEnv: _unused, ...teacher } = config.teacher;
  return { ...config, teacher };
}

function absolute(config: SeracConfig, base: string): SeracConfig {
  const { demonstrations } = config.describe;
  const { train } = config;
  return {
    ...config,
    ...(train === undefined ? {} : { train: { ...train, base: absoluteBase(train.base, base) } }),
    repo: { ...config.repo, source: absolutePath(config.repo.source, base) },
    describe: demonstrations === undefined ? config.describe : { ...config.describe, demonstrations: resolve(base, demonstrations) },
  };
}

/** A base that is a folder; the name of a model stays as it is. */
export function absoluteBase(base: string, from: string): string {
  const folder = resolve(from, base);
  return /^\.{0,2}\//.test(base) || existsSync(join(folder, "config.json")) ? folder : base;
}

/** An address stays as it is, so that the message about it names what was given. */
function absolutePath(source: string, base: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/|[\w.-]+@[\w.-]+:)/i.test(source) ? source : resolve(base, source);
}

async function defaultFile(cwd: string): Promise<string | null> {
  const found = await stat(resolve(cwd, CONFIG_FILE)).catch(() => null);
  return found?.isFile() === true ? CONFIG_FILE : null;
}

async function readFileLayer(file: string, cwd: string): Promise<ConfigLayer> {
  const content = await readFile(resolve(cwd, file)).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === "ENOENT" ? "there is no such file" : cause.code === "EISDIR" ? "it is a folder" : cause.message;
    throw new InputError("config_unreadable", `${file} cannot be read: ${why}.`, {
      hint: `-c takes the path of a ${CONFIG_FILE}; without it the one in this folder is used, if there is one.`,
      cause,
    });
  });
  return yamlLayer(content, file);
}
