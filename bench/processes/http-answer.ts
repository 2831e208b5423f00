const HEAD_END = '\r\n\r\n';
const LENGTH = 'content-length: ';

/**
 * The status of the one HTTP/1.1 answer in `data`, or null while it is not complete. It knows what the servers measured
 * here send, and no more: one answer at a time, its length given.
 *
 * @throws if it is something else.
 */
export function statusOfAnswer(data: Buffer): number | null {
  const headEnd = data.indexOf(HEAD_END);
  if (headEnd === -1) return null;
  const head = data.toString('latin1', 0, headEnd).toLowerCase();
  const lengthAt = head.indexOf(LENGTH);
  if (!head.startsWith('http/1.1 ') || lengthAt === -1) throw new Error(`an answer without a length:\n${head}`);
  const expected = headEnd + HEAD_END.length + parseInt(head.slice(lengthAt + LENGTH.length), 10);
  if (data.length > expected) throw new Error('more than one answer to one request');
  return data.length === expected ? Number(head.slice(9, 12)) : null;
}
