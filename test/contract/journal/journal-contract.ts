import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal, JournalEntry } from "../../../core/agent/journal.ts";
import { sampleIdOf } from "../../../core/plan/sample-id.ts";
import { requery } from "./entry.ts";

export interface JournalUnderTest {
  readonly journal: Journal;
  close(): Promise<void>;
}

/** Of the first rollout of a run's nth sample. */
const streamOf = (n: number): string => `${sampleIdOf("run1", n)}-first1`;
const a = streamOf(0);
const b = streamOf(1);

/** What every Journal must do. */
export function journalContract(name: string, open: () => Promise<JournalUnderTest>): void {
  describe(`${name}: Journal`, () => {
    let tested: JournalUnderTest;
    let journal: Journal;

    beforeEach(async () => {
      tested = await open();
      journal = tested.journal;
    });
    afterEach(() => tested.close());

    test("entries come back in order, streams apart", async () => {
      for (let n = 0; n < 12; n++) await journal.append(a, n, requery(`a${n}`));
      await journal.append(b, 0, requery("b0"));
      expect((await journal.read(a)).map((entry) => entry.type === "requery" && entry.content)).toEqual(
        Array.from({ length: 12 }, (_, n) => `a${n}`),
      );
      expect(await journal.read(b)).toEqual([requery("b0")]);
      expect(await journal.read(streamOf(2))).toEqual([]);
    });

    test("a visitor sees what a reader reads, one after the other", async () => {
      for (let n = 0; n < 11; n++) await journal.append(a, n, requery(`a${n}`));
      await journal.append(b, 0, requery("b0"));
      const seen: JournalEntry[] = [];
      await journal.visit(a, (entry) => seen.push(entry));
      expect(seen).toEqual(await journal.read(a));
      expect(seen).toHaveLength(11);
      await journal.visit(streamOf(2), () => expect.unreachable());
    });

    test("the second writer of a number fails and changes nothing", async () => {
      await journal.append(a, 0, requery("first"));
      await expect(journal.append(a, 0, requery("second"))).rejects.toMatchObject({ name: "ConflictError", code: "journal_conflict" });
      expect(await journal.read(a)).toEqual([requery("first")]);
    });

    test("of many writers of one number at once, one wins, and the others' neighbours are not harmed", async () => {
      const writes = Array.from({ length: 10 }, (_, i) => journal.append(a, 0, requery(`w${i}`)));
      const others = Array.from({ length: 10 }, (_, i) => journal.append(streamOf(i + 1), 0, requery(`s${i}`)));
      const results = await Promise.allSettled(writes);
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      await Promise.all(others);
      const winner = results.findIndex((result) => result.status === "fulfilled");
      expect(await journal.read(a)).toEqual([requery(`w${winner}`)]);
    });

    test("any text survives, short and long", async () => {
      let stream = 0;
      const text = fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "grapheme", minLength: 10, maxLength: 40 }).map((word) => word.repeat(600)),
      );
      await fc.assert(
        fc.asyncProperty(text, async (content) => {
          const id = streamOf(stream++);
          const entry: JournalEntry = {
            type: "observation",
            at: "",
            toolCallId: "c",
            content,
            executionMs: 1,
            timedOut: false,
            effect: { undo: [content] },
          };
          await journal.append(id, 0, entry);
          expect(await journal.read(id)).toEqual([entry]);
        }),
        { numRuns: 60 },
      );
    });
  });
}
