import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMapping } from "../../core/config/layer.ts";
import { InputError } from "../../core/errors/index.ts";

const MAX_FILES = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The texts of describe.demonstrations: a JSON file (an array of texts, or of issues with title and body as the hosts of
 * code export them), or a folder of such files and of .md and .txt files. InputError("config_invalid").
 */
export async function readDemonstrations(path: string | undefined): Promise<readonly string[]> {
  if (path === undefined) return [];
  const found = await stat(path).catch((cause: unknown) => {
    throw invalid(path, "there is nothing at this path", cause);
  });
  const texts = found.isDirectory() ? await readFolder(path) : await readJson(path);
  if (texts.length === 0) throw invalid(path, "no texts were found in it");
  return texts;
}

async function readFolder(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).toSorted().slice(0, MAX_FILES);
  const texts: string[] = [];
  for (const name of names) {
    const file = join(folder, name);
    if (/\.(md|txt)$/i.test(name)) texts.push((await readText(file)).trim());
    else if (name.toLowerCase().endsWith(".json")) texts.push(...(await readJson(file)));
  }
  return texts.filter((text) => text !== "");
}

async function readJson(file: string): Promise<string[]> {
  const content = await readText(file);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw invalid(file, "it is not valid JSON", cause);
  }
  const entries: readonly unknown[] = Array.isArray(json) ? json : [json];
  return entries.map((entry, index) => textOf(entry) ?? fail(file, index));
}

function fail(file: string, index: number): never {
  throw invalid(file, `entry ${index} is neither a text nor an object with a title or a body`);
}

function textOf(entry: unknown): string | null {
  if (typeof entry === "string") return entry;
  if (!isMapping(entry)) return null;
  const { title, body, text } = entry;
  const parts = [title, body ?? text].filter((part) => typeof part === "string" && part.trim() !== "");
  return parts.length === 0 ? null : parts.join("\n\n");
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw invalid(file, `it is larger than ${MAX_BYTES / 1024 / 1024} MB`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw invalid(
      file,
      cause instanceof TypeError ? "it is not UTF-8 text" : String(cause instanceof Error ? cause.message : cause),
      cause,
    );
  }
}

function invalid(path: string, why: string, cause?: unknown): InputError {
  return new InputError("config_invalid", `describe.demonstrations: ${path} cannot be used: ${why}.`, {
    hint: "Allowed is a JSON file with an array of texts or of issues ({title, body}), or a folder with .json, .md and .txt files.",
    cause,
  });
}
