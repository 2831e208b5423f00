/** Half of a surrogate pair: no character, and PostgreSQL would store another in its place. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Finds text in a JSON value that is not valid Unicode.
 *
 * @param path of the value itself, such as `body`.
 * @returns the paths of the texts, each once; of a member whose name is malformed, the path of its object.
 */
export function malformedText(value: unknown, path: string): string[] {
  const found = new Set<string>();
  // No recursion: a body of 16 kB can be nested eight thousand times.
  const waiting: [value: unknown, path: string][] = [[value, path]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [current, where] = next;
    if (typeof current === 'string') {
      if (LONE_SURROGATE.test(current)) found.add(where);
    } else if (typeof current === 'object' && current !== null) {
      for (const [key, child] of Object.entries(current)) {
        if (LONE_SURROGATE.test(key)) found.add(where);
        else waiting.push([child, `${where}.${key}`]);
      }
    }
  }
  return [...found];
}
