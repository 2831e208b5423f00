/** Counts answers by a name, such as a status. */
export function createCounts() {
  const counts: Record<string, number> = {};
  return {
    counts,
    add(name: string | number, by = 1) {
      counts[name] = (counts[name] ?? 0) + by;
    },
  };
}
