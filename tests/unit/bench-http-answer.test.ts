import { describe, expect, it } from 'vitest';
import { statusOfAnswer } from '../../bench/processes/http-answer.js';

const ANSWER = Buffer.from('HTTP/1.1 201 Created\r\nX-Some: thing\r\nContent-Length: 12\r\n\r\n{"ok":"ü"}\n');

describe('statusOfAnswer', () => {
  it('is the status of a whole answer', () => {
    expect(statusOfAnswer(ANSWER)).toBe(201);
  });

  it('is null for every part of it', () => {
    for (let length = 0; length < ANSWER.length; length += 1)
      expect(statusOfAnswer(ANSWER.subarray(0, length))).toBeNull();
  });

  it('reads the length in whatever case', () => {
    expect(statusOfAnswer(Buffer.from('HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}'))).toBe(409);
  });

  it('refuses an answer without a length, and two at once', () => {
    expect(() => statusOfAnswer(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))).toThrow(
      /length/,
    );
    expect(() => statusOfAnswer(Buffer.concat([ANSWER, ANSWER]))).toThrow(/more than one/);
  });
});
