/** Works on all items, at most `limit` at once; results in the items' order. The first error stops what has not begun. */
export async function atOnce<T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let isStopped = false;
  const slot = async (): Promise<void> => {
    while (!isStopped && next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at]!);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, slot));
  for (const result of settled) if (result.status === "rejected") throw result.reason;
  return results;
}
