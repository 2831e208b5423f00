const LENGTH_MASK = 0x7f;
const MASKED_BIT = 0x80;
const MASK_BYTES = 4;
/** Values of the length that stand for a longer field, and the bytes of that field. */
const LENGTH_FIELD_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

/**
 * Counts websocket frames of any kind in the bytes of a connection, without decoding them. The returned function receives the
 * bytes in order, in chunks of any size, and returns the number of frames that begin in the chunk (RFC 6455, section 5.2).
 */
export function createFrameCounter(): (chunk: Uint8Array) => number {
  let next: 'opcode' | 'length' | 'long-length' = 'opcode';
  /** The rest of the current frame: its mask and payload. */
  let bytesToSkip = 0;
  let maskBytes = 0;
  let length = 0;
  let lengthBytesLeft = 0;

  function endHeader(): void {
    bytesToSkip = maskBytes + length;
    next = 'opcode';
  }

  return (chunk) => {
    let frames = 0;
    let at = 0;
    while (at < chunk.length) {
      if (bytesToSkip > 0) {
        const skipped = Math.min(bytesToSkip, chunk.length - at);
        bytesToSkip -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      if (next === 'opcode') {
        frames += 1;
        next = 'length';
      } else if (next === 'length') {
        maskBytes = byte & MASKED_BIT ? MASK_BYTES : 0;
        length = byte & LENGTH_MASK;
        lengthBytesLeft = LENGTH_FIELD_BYTES[length] ?? 0;
        if (lengthBytesLeft === 0) {
          endHeader();
        } else {
          length = 0;
          next = 'long-length';
        }
      } else {
        length = length * 256 + byte;
        lengthBytesLeft -= 1;
        if (lengthBytesLeft === 0) endHeader();
      }
    }
    return frames;
  };
}
