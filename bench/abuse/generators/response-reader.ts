const HEAD_END = '\r\n\r\n';
const LENGTH = '\r\ncontent-length: ';

/**
 * Reads HTTP/1.1 responses from the chunks of a connection, with little work per response: the status and the length.
 *
 * @param onResponse called for each complete response. One without a Content-Length counts as complete with its head.
 * @returns a function that takes the next chunk.
 */
export function createResponseReader(onResponse: (status: number) => void): (chunk: Buffer) => void {
  /** The part of a head that has arrived. */
  let partial: Buffer | null = null;
  /** Bytes of the body that are still to come. */
  let remaining = 0;
  let status = 0;

  return (chunk) => {
    let data = partial ? Buffer.concat([partial, chunk]) : chunk;
    partial = null;
    while (data.length > 0) {
      if (remaining > 0) {
        const skipped = Math.min(remaining, data.length);
        remaining -= skipped;
        data = data.subarray(skipped);
        if (remaining === 0) onResponse(status);
        continue;
      }
      const headEnd = data.indexOf(HEAD_END);
      if (headEnd === -1) {
        partial = data;
        return;
      }
      const head = data.toString('latin1', 0, headEnd).toLowerCase();
      status = Number(head.slice(9, 12));
      const lengthAt = head.indexOf(LENGTH);
      remaining = lengthAt === -1 ? 0 : parseInt(head.slice(lengthAt + LENGTH.length), 10);
      data = data.subarray(headEnd + HEAD_END.length);
      if (remaining === 0) onResponse(status);
    }
  };
}
