/** Maps with up to `ahead` calls at once and yields in the order of the items; pulls no further ahead than that. */
export async function* orderedMap<T, R>(items: AsyncIterable<T>, ahead: number, map: (item: T) => Promise<R>): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  for await (const item of items) {
    const result = map(item);
    // The failure is met when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    begun.push(result);
    if (begun.length >= ahead) yield await begun.shift()!;
  }
  for (const result of begun) yield await result;
}
