import { createHash } from "node:crypto";
import { resolveConfig } from "../../config/resolve.ts";
import type { SeracConfig } from "../../config/schema.ts";
import { yamlLayer } from "../../config/yaml-layer.ts";
import { InputError } from "../../errors/index.ts";
import { checkArchive } from "../archive.ts";
import { assertCloudConfig } from "../cloud-config.ts";
import type { ArtifactFacts, ControlPlatform } from "../platform.ts";
import { ARCHIVE_NAMES, CONFIG_NAME, dropFolder, listDrop, type DropFolder } from "./folder.ts";
import { readSmall } from "./read-small.ts";

export type DropContent =
  | { readonly kind: "waiting"; readonly message: string }
  | { readonly kind: "refused"; readonly error: InputError }
  | {
      readonly kind: "ready";
      readonly config: SeracConfig;
      readonly archive: { readonly key: string; readonly version: string };
      /** The same content has the same version. */
      readonly version: string;
    };

export type InspectedDrop = DropContent & {
  /** Changes whenever anything in the drop does. */
  readonly seen: string;
};

const MAX_CONFIG_BYTES = 1 << 20;

/** What lies in a drop, and whether a run can be made of it. The settings are checked as soon as they are there. */
export async function inspectDrop(platform: ControlPlatform, name: string): Promise<InspectedDrop> {
  const folder = await listDrop((prefix) => platform.artifacts.list(prefix), name);
  const factsOf = (file: string): Promise<ArtifactFacts | null> => platform.factsOf(`${dropFolder(name)}${file}`);
  const config = folder.hasConfig ? await factsOf(CONFIG_NAME) : null;
  const [only] = folder.archives.length === 1 ? folder.archives : [];
  const archive = only === undefined ? null : await factsOf(only);
  const seen = versionOf([JSON.stringify(folder), config?.version ?? "", archive?.version ?? ""]);
  try {
    return { ...(await contentOf(platform, name, folder, config, archive)), seen };
  } catch (error) {
    if (error instanceof InputError) return { kind: "refused", error, seen };
    throw error;
  }
}

async function contentOf(
  platform: ControlPlatform,
  name: string,
  folder: DropFolder,
  config: ArtifactFacts | null,
  archive: ArtifactFacts | null,
): Promise<DropContent> {
  refuseClutter(folder);
  const settings = config === null ? null : await readSettings(platform, name);
  const [archiveName] = folder.archives;
  if (archiveName !== undefined && archive !== null) checkArchive(archiveName, archive);
  if (settings === null || config === null || archiveName === undefined || archive === null) {
    return { kind: "waiting", message: waitingFor(settings === null, archive === null, folder.others) };
  }
  return {
    kind: "ready",
    config: settings,
    archive: { key: `${dropFolder(name)}${archiveName}`, version: archive.version },
    version: versionOf([config.version, archiveName, archive.version]),
  };
}

function refuseClutter({ archives, isTooFull }: DropFolder): void {
  if (archives.length > 1) {
    throw new InputError("archive_format", `There are ${archives.length} archives: ${archives.slice(0, 5).join(", ")}; allowed is one.`, {
      hint: "Remove all but the one to use; a drop under another name takes another repository.",
    });
  }
  if (!isTooFull) return;
  throw new InputError("archive_format", "There are more files in it than anybody packs by hand; allowed are serac.yaml and one archive.", {
    hint: "Pack the repository into an archive, for example with: git bundle create repo.bundle HEAD",
  });
}

async function readSettings({ artifacts }: ControlPlatform, name: string): Promise<SeracConfig> {
  const content = await readSmall(artifacts, `${dropFolder(name)}${CONFIG_NAME}`, MAX_CONFIG_BYTES);
  if (content === null) throw new InputError("config_invalid", `${CONFIG_NAME} is larger than 1 MB; that is no ${CONFIG_NAME}.`);
  const layer = yamlLayer(content, CONFIG_NAME);
  const config = resolveConfig([layer]);
  assertCloudConfig(config, (path) => layer.where(path));
  return config;
}

function waitingFor(isConfigMissing: boolean, isArchiveMissing: boolean, others: readonly string[]): string {
  const missing = [
    ...(isConfigMissing ? [CONFIG_NAME] : []),
    ...(isArchiveMissing ? [`the repository in one archive (${ARCHIVE_NAMES})`] : []),
  ];
  const unknown = others.length === 0 ? "" : ` Not used: ${others.slice(0, 5).join(", ")}${others.length > 5 ? ", …" : ""}.`;
  return `Waiting for ${missing.join(" and ")}.${unknown}`;
}

const versionOf = (parts: readonly string[]): string => createHash("sha256").update(JSON.stringify(parts)).digest("hex");
