import { describe, expect, it } from 'vitest';
import { statusOfResponse } from '../../bench/processes/http-connection.js';

const RESPONSE = Buffer.from('HTTP/1.1 201 Created\r\nX-Some: thing\r\nContent-Length: 12\r\n\r\n{"ok":"ü"}\n');

describe('statusOfResponse', () => {
  it('returns the status of a complete response', () => {
    expect(statusOfResponse(RESPONSE)).toBe(201);
  });

  it('returns null for every incomplete response', () => {
    for (let length = 0; length < RESPONSE.length; length += 1)
      expect(statusOfResponse(RESPONSE.subarray(0, length))).toBeNull();
  });

  it('accepts the name of the length header in any case', () => {
    expect(statusOfResponse(Buffer.from('HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}'))).toBe(409);
  });

  it('throws for a response without a length and for two responses at once', () => {
    expect(() => statusOfResponse(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))).toThrow(
      /length/,
    );
    expect(() => statusOfResponse(Buffer.concat([RESPONSE, RESPONSE]))).toThrow(/more than one/);
  });
});
