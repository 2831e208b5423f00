import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { searchAnswer } from './answer-rules.js';
import { recordPassword, searchText } from './secrets.js';

/** The types of bodies that people write or read; scripts and pictures are the same for all clients. */
const IS_TEXT = /json|text\/(?:html|plain|csv)/;
/** Longer than any secret: one that lies across two chunks is found. */
const OVERLAP = 2_500;

/** The request bodies and the ends of streamed responses, while these are in use. */
const sentEmails = new WeakMap<IncomingMessage, string>();
const tails = new WeakMap<ServerResponse, string>();

type Write = (this: ServerResponse, ...args: unknown[]) => unknown;

/** Searches all that HTTP servers of this process send. Call it once in a process. */
export function captureHttp(): void {
  const prototype = ServerResponse.prototype as unknown as { write: Write; end: Write };
  const { write, end } = prototype;
  prototype.write = function (...args) {
    const returned = write.apply(this, args);
    if (isBody(args[0])) search(this, args[0], false);
    return returned;
  };
  prototype.end = function (...args) {
    const returned = end.apply(this, args);
    search(this, isBody(args[0]) ? args[0] : '', true);
    return returned;
  };
  captureRawResponses();
  captureCredentials();
}

type Body = string | Uint8Array;
const isBody = (value: unknown): value is Body => typeof value === 'string' || value instanceof Uint8Array;

function search(res: ServerResponse, chunk: Body, isLast: boolean): void {
  const { req } = res;
  const answer = {
    method: req.method ?? '',
    url: req.url ?? '',
    status: res.statusCode,
    authorization: req.headers.authorization,
    sentEmail: sentEmails.get(req),
  };
  if (isLast) searchAnswer({ ...answer, text: JSON.stringify(res.getHeaders()) });
  if (!IS_TEXT.test(String(res.getHeader('Content-Type') ?? 'text/plain'))) return;
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString();
  const whole = (tails.get(res) ?? '') + text;
  if (whole !== '') searchAnswer({ ...answer, text: whole });
  if (!isLast) tails.set(res, tailOf(whole));
}

/** The end of a text, without the word that it begins within: a part of an address would be another one. */
function tailOf(text: string): string {
  return text.length <= OVERLAP ? text : text.slice(-OVERLAP).replace(/^[^\s",:]+/, '');
}

/** Responses to what is not a request, and to refused upgrades, are written on the connection. */
function captureRawResponses(): void {
  const prototype = Socket.prototype as unknown as { write: (this: Socket, ...args: unknown[]) => unknown };
  const { write } = prototype;
  prototype.write = function (...args) {
    const [text] = args;
    if (typeof text === 'string' && /^HTTP\/1\.1 [45]/.test(text) && !('_httpMessage' in this && this._httpMessage)) {
      searchText(text, 'a response to what is not a request');
    }
    return write.apply(this, args);
  };
}

/** Reads passwords and e-mails of requests as they arrive. */
function captureCredentials(): void {
  const prototype = IncomingMessage.prototype as unknown as { push: (chunk: unknown) => boolean };
  // Of Readable.
  const push = prototype.push;
  prototype.push = function (this: IncomingMessage, chunk) {
    // A client's response has no method.
    if (chunk instanceof Uint8Array && this.method) {
      const text = chunk.toString();
      for (const [, name, json] of text.matchAll(/"(email|\w*[pP]assword)"\s*:\s*("(?:[^"\\]|\\.)*")/g)) {
        const value = unquote(json ?? '');
        if (name === 'email') sentEmails.set(this, value);
        else recordPassword(value);
      }
    }
    return push.call(this, chunk);
  };
}

function unquote(json: string): string {
  try {
    return JSON.parse(json) as string;
  } catch {
    return '';
  }
}
