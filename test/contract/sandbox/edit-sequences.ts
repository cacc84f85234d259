import * as fc from "fast-check";
import { expect } from "vitest";
import { WORKSPACE, type Checkpoint, type Sandbox } from "../../../core/agent/sandbox.ts";
import type { SandboxAbilities } from "./sandbox-abilities.ts";

/** Bytes as latin-1 characters, so that a path need not be UTF-8. */
type RawPath = string;

const utf8 = (text: string): RawPath => Buffer.from(text, "utf8").toString("latin1");

const PATHS: readonly RawPath[] = [
  "README.md",
  "pixel.bin",
  "run.sh",
  "crlf.txt",
  "link-to-readme",
  "src",
  "src/app.py",
  "src/deep",
  "src/deep/inner",
  "src/deep/inner/leaf.txt",
  "new",
  "new/a.txt",
  "new/b/c.txt",
  "sp ace/t ab\t.txt",
  "-dash",
  ":colon",
  "star*[x]?.txt",
  "quote'\".txt",
  "back\\slash",
  "line\nbreak.txt",
  utf8("ünï/日本.txt"),
  "new/.gitignore-not",
];
const RAW_PATHS: readonly RawPath[] = ["latin-\xe9.txt", "\xff\xfe/x"];

type Edit =
  | { readonly do: "write"; readonly path: RawPath; readonly bytes: Uint8Array }
  | { readonly do: "append"; readonly path: RawPath; readonly bytes: Uint8Array }
  | { readonly do: "delete"; readonly path: RawPath }
  | { readonly do: "folder"; readonly path: RawPath }
  | { readonly do: "link"; readonly path: RawPath; readonly target: RawPath }
  | { readonly do: "mode"; readonly path: RawPath; readonly executable: boolean }
  | { readonly do: "move"; readonly path: RawPath; readonly target: RawPath };

function edits(paths: readonly RawPath[]): fc.Arbitrary<Edit[]> {
  const path = fc.constantFrom(...paths);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .array(fc.constantFrom("a\n", "b\r\n", "\n", "end", "\ttab\n", " \n"), { maxLength: 12 })
      .map((lines) => Uint8Array.from(Buffer.from(lines.join("")))),
  );
  return fc.array(
    fc.oneof(
      fc.record({ do: fc.constant("write" as const), path, bytes }),
      fc.record({ do: fc.constant("append" as const), path, bytes }),
      fc.record({ do: fc.constant("delete" as const), path }),
      fc.record({ do: fc.constant("folder" as const), path }),
      fc.record({ do: fc.constant("link" as const), path, target: path }),
      fc.record({ do: fc.constant("mode" as const), path, executable: fc.boolean() }),
      fc.record({ do: fc.constant("move" as const), path, target: path }),
    ),
    { minLength: 1, maxLength: 12 },
  );
}

/** In $'…', byte by byte. */
function word(bytes: string | Uint8Array): string {
  const raw = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  return `$'${[...raw].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`;
}

const at = (path: RawPath): string => word(`./${path}`);
const parent = (path: RawPath): string => `mkdir -p -- "$(dirname -- ${at(path)})"`;
const octal = (bytes: Uint8Array): string => `'${[...bytes].map((byte) => `\\0${byte.toString(8)}`).join("")}'`;

function command(edit: Edit): string {
  switch (edit.do) {
    case "write":
      return `${parent(edit.path)} && rm -rf -- ${at(edit.path)} && printf '%b' ${octal(edit.bytes)} >${at(edit.path)}`;
    case "append":
      return `${parent(edit.path)} && printf '%b' ${octal(edit.bytes)} >>${at(edit.path)}`;
    case "delete":
      return `rm -rf -- ${at(edit.path)}`;
    case "folder":
      return `rm -rf -- ${at(edit.path)}; mkdir -p -- ${at(edit.path)}`;
    case "link":
      return `${parent(edit.path)} && rm -rf -- ${at(edit.path)} && ln -s -- ${word(edit.target)} ${at(edit.path)}`;
    case "mode":
      return `[[ -f ${at(edit.path)} ]] && chmod ${edit.executable ? "+x" : "-x"} -- ${at(edit.path)}`;
    default:
      return `${parent(edit.target)} && mv -f -- ${at(edit.path)} ${at(edit.target)}`;
  }
}

/** Everything that git keeps of the tree: files with content and executable bit, links with their target. */
const DESCRIBE = [
  "cd /testbed",
  String.raw`find . -name .git -prune -o -type l -printf 'link %p %l\0' -o -type f -perm -100 -printf 'executable %p\0' -o -type f -printf 'file %p\0' | LC_ALL=C sort -z | od -An -tx1 -v`,
  "find . -name .git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z -- | od -An -tx1 -v",
].join("\n");

/** The same diff by the agent's own git, which is honest here. */
const OWN_DIFF =
  "cd /testbed; exec 2>/dev/null; git add -A; git -c core.quotePath=false diff --cached --binary -M --abbrev=7 --no-color --no-ext-diff HEAD; git reset -q";

async function describeTree(sandbox: Sandbox): Promise<string> {
  const result = await sandbox.exec(DESCRIBE, { timeoutMs: 20_000, shell: "fresh" });
  expect(result).toMatchObject({ outcome: "exited", exitCode: 0, omittedBytes: 0 });
  return Buffer.from(result.output).toString("latin1");
}

/**
 * Edits in several steps, with a checkpoint after each (some of which show no change), then a sandbox made from the last
 * checkpoint: the two trees are the same, and so are their diffs.
 */
export async function editSequencesSurvive(
  open: (checkpoint?: Checkpoint) => Promise<Sandbox>,
  abilities: SandboxAbilities,
): Promise<void> {
  const paths = abilities.rawPaths ? [...PATHS, ...RAW_PATHS] : PATHS;
  await fc.assert(
    fc.asyncProperty(fc.array(edits(paths), { minLength: 1, maxLength: 4 }), async (steps) => {
      const first = await open();
      let second: Sandbox | null = null;
      try {
        let saved: Checkpoint | null = null;
        for (const step of steps) {
          await first.exec(`cd ${WORKSPACE}; { ${step.map(command).join("\n")}\n} >/dev/null 2>&1`, {
            timeoutMs: 20_000,
            shell: "session",
          });
          saved = (await first.checkpoint(10_000_000)) ?? saved;
          if (!abilities.processes) continue;
          const own = await first.exec(OWN_DIFF, { timeoutMs: 20_000, shell: "fresh" });
          expect(Buffer.from(await first.diff(10_000_000)).toString("latin1")).toBe(Buffer.from(own.output).toString("latin1"));
        }
        second = await open(saved ?? undefined);
        expect(await second.checkpoint(10_000_000)).toBeNull();
        expect(await describeTree(second)).toBe(await describeTree(first));
        expect(Buffer.from(await second.diff(10_000_000)).toString("latin1")).toBe(
          Buffer.from(await first.diff(10_000_000)).toString("latin1"),
        );
      } finally {
        await Promise.all([first.close(), second?.close()]);
      }
    }),
    { numRuns: abilities.editSequences ?? 15 },
  );
}
