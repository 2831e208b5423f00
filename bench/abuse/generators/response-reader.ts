const HEAD_END = '\r\n\r\n';
const LENGTH = '\r\ncontent-length: ';
const CHUNKED = '\r\ntransfer-encoding: chunked';
/** The last chunk of a body that is sent in chunks. */
const LAST_CHUNK = '\r\n0\r\n\r\n';

/**
 * Reads HTTP/1.1 responses from the chunks of a connection, with little work per response: the status and the length.
 *
 * @param onResponse called for each complete response. One without a Content-Length that is
 *   not sent in chunks counts as complete with its head.
 * @returns a function that takes the next chunk.
 */
export function createResponseReader(onResponse: (status: number) => void): (chunk: Buffer) => void {
  /** The part of a head that has arrived. */
  let partial: Buffer | null = null;
  /** Bytes of the body that are still to come. */
  let remaining = 0;
  /** The body is sent in chunks, and the last one has not arrived. */
  let isChunked = false;
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
      if (isChunked) {
        const end = data.indexOf(LAST_CHUNK);
        if (end === -1) {
          // The last chunk may arrive in two parts.
          partial = data.subarray(Math.max(0, data.length - LAST_CHUNK.length + 1));
          return;
        }
        isChunked = false;
        data = data.subarray(end + LAST_CHUNK.length);
        onResponse(status);
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
      isChunked = head.includes(CHUNKED);
      // The last line end of the head may be the one before the last chunk.
      data = data.subarray(headEnd + HEAD_END.length - (isChunked ? 2 : 0));
      if (remaining === 0 && !isChunked) onResponse(status);
    }
  };
}
