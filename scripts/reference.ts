import { Writable } from "node:stream";
import type { Io } from "../cli/io.ts";
import { createPrinter } from "../cli/printer.ts";
import { buildProgram, COMMANDS } from "../cli/program.ts";
import { createRedactor } from "../core/config/redactor.ts";
import { configReference, entriesOf, type ReferenceEntry } from "../core/config/reference.ts";
import { inputSchema as deploymentSchema } from "../lib/deployment/read.ts";

/** The parts of docs/ that the code writes itself. */

/** A table for each section of serac.yaml. */
export function configurationReference(): string {
  const { entries } = configReference();
  const sections = entries.filter(({ isSection, key }) => isSection && !key.includes("."));
  const top = entries.filter(({ isSection, key }) => !isSection && !key.includes("."));
  const tables = sections.map((section) => {
    const inside = entries.filter(({ key, isSection }) => key.startsWith(`${section.key}.`) && !isSection);
    return `### ${section.key}\n\n${section.description}\n\n${tableOf(inside)}`;
  });
  return [`### top level\n\n${tableOf(top)}`, ...tables].join("\n");
}

/** One table for serac.deploy.yaml. */
export const deploymentReference = (): string => tableOf(entriesOf(deploymentSchema()).filter(({ isSection }) => !isSection));

function tableOf(entries: readonly ReferenceEntry[]): string {
  const rows = entries.map(({ key, description, allowed, default: value, isRequired }) => {
    const assumed = isRequired ? "required" : value === null ? "-" : `\`${value}\``;
    return `| \`${key}\` | ${cell(description)} | ${cell(allowed)} | ${cell(assumed)} |`;
  });
  return ["| key | what | allowed | default |", "|---|---|---|---|", ...rows, ""].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** The help of every command, as it is printed. */
export async function commandReference(): Promise<string> {
  const parts: string[] = [];
  for (const { name } of COMMANDS) parts.push(`### serac ${name}\n\n\`\`\`text\n${await helpOf(name)}\`\`\`\n`);
  return parts.join("\n");
}

async function helpOf(name: string): Promise<string> {
  let text = "";
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const redactor = createRedactor();
  const printer = createPrinter(stream, redactor);
  const io: Io = { out: printer, err: printer, env: {}, cwd: ".", redactor, debug: false };
  const program = await buildProgram(io, name);
  program.commands.find((command) => command.name() === name)?.outputHelp();
  return text;
}

const MARKERS = /(<!-- written by `npm run docs`: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** A page with its generated parts made anew. */
export async function withReferences(page: string): Promise<string> {
  const texts = new Map([
    ["configuration", configurationReference()],
    ["commands", await commandReference()],
    ["deployment", deploymentReference()],
  ]);
  return page.replaceAll(MARKERS, (whole, open: string, name: string, close: string) => {
    const text = texts.get(name);
    return text === undefined ? whole : `${open}\n${text}\n${close}`;
  });
}
