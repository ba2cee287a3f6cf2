// In which order the DNS doctor looks at names, so that a look that runs out of time does not leave the same ones out each time.

/**
 * Each list is spread evenly over the whole, in its own order, so that a part of the look is a part of every list. It begins with the
 * one whose key is `startAt`, where the last look ended; at the front where that is null or gone.
 */
export function lookOrder<T extends { key: string }>(lists: readonly (readonly T[])[], startAt: string | null): T[] {
  const placed = lists.flatMap((list) => list.map((item, at) => ({ item, place: at / list.length })));
  const order = placed.sort((one, other) => one.place - other.place).map(({ item }) => item);
  const first = Math.max(
    0,
    order.findIndex(({ key }) => key === startAt),
  );
  return [...order.slice(first), ...order.slice(0, first)];
}
