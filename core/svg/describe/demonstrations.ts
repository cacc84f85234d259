/**
 * Style demonstrations for repositories without a usable history. SERA takes its demonstrations from SWE-bench
 * Verified, which contaminates that benchmark; these are serac's own.
 */
export const OWN_DEMONSTRATIONS: readonly string[] = [
  `Exports with more than one page lose the header row

When a report is exported and the result spans several pages, only the first page starts with the column names. From the second page on the file begins with data, so every tool that reads the pages one by one takes the first record for a header and drops it.

To see it, export any report of more than 500 rows with the page size left at its default and open the second file. I would expect each page to be readable by itself, the way the single-page export is. The paging happens in the report writer; the single-page path looks fine.`,
  `Retry delay ignores the configured maximum

The client doubles its waiting time after every failed request. There is a setting for the longest delay, but it does not seem to be looked at once the delay was computed: after eight failures in a row we saw pauses of more than four minutes with the maximum set to 30 seconds.

Expected: no pause is ever longer than the configured maximum. This matters for us because the job runs under a watchdog that takes long silence for a crash.`,
  `Names with a trailing dot are accepted by the validator but rejected on save

\`validate\` returns no errors for a name such as \`archive.\`, and then storing it fails with an error from the file system on some platforms. The two should agree, and the user should hear of it while the form is still open.

Names that consist of dots only behave the same way. Names with dots in the middle work and should keep working.`,
  `Clarify and tighten how empty selections are handled in the summary view

With nothing selected the summary shows the totals of everything, with one item selected it shows that item, and after the last item is removed again it shows the numbers of the item that was removed. The first two are documented; the last is surely not meant.

This change is about the state after deselecting: the summary should look the same as it did before anything was selected. While looking at it I noticed that the code which decides this is spread over two places that do not agree with each other.`,
];

const MIN_LENGTH = 120;
const MAX_LENGTH = 4000;

/**
 * What the writer is shown as examples of style: texts the user gave, else the repository's own history, else ours.
 * Too short texts teach nothing, too long ones eat the context.
 */
export function chooseDemonstrations(given: readonly string[], history: readonly string[], limit = 200): readonly string[] {
  const usable = (texts: readonly string[]): readonly string[] =>
    [...new Set(texts.map((text) => text.trim()))].filter((text) => text.length >= MIN_LENGTH && text.length <= MAX_LENGTH).slice(0, limit);
  const fromUser = usable(given);
  if (fromUser.length > 0) return fromUser;
  const fromHistory = usable(history);
  return fromHistory.length >= 3 ? fromHistory : OWN_DEMONSTRATIONS;
}
