import { execFileSync } from "node:child_process";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  changeTextsFrom,
  cleanMessage,
  MAX_TEXT_CHARS,
  MIN_TEXT_CHARS,
  parseCommit,
  type CommitText,
} from "../../../core/survey/change-texts.ts";
import { git, newRepository, open } from "./fixture.ts";

const BODY = "Totals were off by a cent whenever two lines shared a tax rate.\nThe report now agrees with the ledger.";

describe("cleaning a message", () => {
  test.each([
    ["trailers", `Round totals once\n\n${BODY}\n\nSigned-off-by: A <a@b.org>\nCo-authored-by: C <c@d.org>\nFixes: #12\n`],
    ["a pull request's number", `Round totals once (#123)\n\n${BODY}\n`],
    ["the subject that a forge writes for a merge", `Merge pull request #7 from someone/branch\n\nRound totals once\n\n${BODY}`],
    ["CRLF and trailing blanks", `Round totals once  \r\n\r\n${BODY.replace("\n", "\r\n")}\r\n`],
    ["marks for CI", `Round totals once [skip ci]\n\n${BODY}\n\n[ci skip]`],
    ["a Subversion id", `Round totals once\n\n${BODY}\n\ngit-svn-id: https://example.org/trunk@12 0123`],
  ])("takes away %s", (_what, message) => {
    expect(cleanMessage(message)).toBe(`Round totals once\n\n${BODY}`);
  });

  test("takes addresses away, and leaves a colon inside the text", () => {
    expect(cleanMessage("Subject\n\nReported by J <j@example.org>.\nNote-that: this stays\n\nEnd.")).toBe(
      "Subject\n\nReported by J.\nNote-that: this stays\n\nEnd.",
    );
  });

  test("never grows, never throws, cleans no further the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (message) => {
        const once = cleanMessage(message);
        expect(once.length).toBeLessThanOrEqual(message.length);
        expect(once).toBe(once.trim());
      }),
    );
  });
});

const commit = (message: string, parents = 1): CommitText => ({ parents, message });

describe("choosing texts", () => {
  test("pull requests and merges come before others, newest first within each", () => {
    const texts = changeTextsFrom(
      [
        commit(`Plain one\n\n${BODY}`),
        commit(`Squashed (#2)\n\n${BODY}`),
        commit(`Plain two\n\n${BODY}`),
        commit(`Merge pull request #1 from a/b\n\nMerged\n\n${BODY}`, 2),
      ],
      9,
    );
    expect(texts.map((text) => text.split("\n")[0])).toEqual(["Squashed", "Merged", "Plain one", "Plain two"]);
  });

  test("robots, releases, reverts, one-liners and merges without words are left out", () => {
    const messages = [
      `Bump left-pad from 1 to 2\n\n${BODY}`,
      `chore(deps): update x\n\n${BODY}`,
      `Release v1.2.3\n\n${BODY}`,
      `Revert "Round totals once"\n\n${BODY}`,
      "A subject only, however long it may be: it holds no description of anything, so it shows no style at all.",
      "Merge branch 'a' into b",
      "short\n\nbody",
      `Too long\n\n${"word ".repeat(MAX_TEXT_CHARS / 4)}`,
    ];
    expect(
      changeTextsFrom(
        messages.map((message) => commit(message)),
        9,
      ),
    ).toEqual([]);
  });

  test("every text is within its bounds, and none comes twice", () => {
    const message = fc
      .array(fc.oneof(fc.lorem({ maxCount: 40 }), fc.constantFrom("", "(#1)", "Merge branch 'x'", "Signed-off-by: x")))
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(fc.array(fc.record({ parents: fc.nat(3), message })), fc.nat(5), (commits, limit) => {
        const texts = changeTextsFrom(commits, limit);
        expect(texts.length).toBeLessThanOrEqual(limit);
        expect(new Set(texts).size).toBe(texts.length);
        for (const text of texts) {
          expect(text.length).toBeGreaterThanOrEqual(MIN_TEXT_CHARS);
          expect(text.length).toBeLessThanOrEqual(MAX_TEXT_CHARS);
        }
      }),
    );
  });

  test("a message made to be slow is not", () => {
    const nasty = [
      "a".repeat(MAX_TEXT_CHARS * 3),
      " ".repeat(MAX_TEXT_CHARS * 3),
      "a-".repeat(6000),
      "x.".repeat(6000),
      "\n ".repeat(6000),
    ];
    const commits = nasty.flatMap((text) => Array.from({ length: 200 }, () => commit(`Subject\n\n${text}`)));
    expect(changeTextsFrom(commits, 10).length).toBeLessThanOrEqual(10);
  });
});

describe("from a real history", () => {
  test("merges and commits of a repository, also in another encoding", async () => {
    const folder = newRepository({ "a.py": "a" });
    git(folder, "checkout", "-qb", "side");
    git(folder, "commit", "-q", "--allow-empty", "-m", `Change on the side\n\n${BODY}`);
    git(folder, "checkout", "-q", "main");
    git(folder, "merge", "-q", "--no-ff", "side", "-m", `Merge pull request #3 from x/side\n\nRound the totals\n\n${BODY}`);
    const latin1 = Buffer.from(`Géométrie\n\n${BODY} Très bien.`, "latin1");
    execFileSync(
      "git",
      [
        "-C",
        folder,
        "-c",
        "i18n.commitEncoding=ISO-8859-1",
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@b.c",
        "commit",
        "-q",
        "--allow-empty",
        "-F",
        "-",
      ],
      {
        input: latin1,
      },
    );
    const texts = await (await open(folder)).changeTexts(10);
    expect(texts.map((text) => text.split("\n")[0])).toEqual(["Round the totals", "Géométrie", "Change on the side"]);
    expect(texts[1]).toContain("Très bien.");
    expect(await (await open(folder)).changeTexts(1)).toHaveLength(1);
  });

  test("what is no commit is none", () => {
    expect(parseCommit(Buffer.from("rubbish"))).toBeNull();
    expect(parseCommit(Buffer.from("tree 0\nparent 1\nparent 2\nencoding NO-SUCH\n\nhé"))).toEqual({ parents: 2, message: "hÃ©" });
  });
});
