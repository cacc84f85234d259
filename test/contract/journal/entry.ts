import type { JournalEntry } from "../../../core/agent/journal.ts";

/** The smallest entry. */
export const requery = (content: string): JournalEntry => ({ type: "requery", at: "2026-01-01T00:00:00.000Z", content });
