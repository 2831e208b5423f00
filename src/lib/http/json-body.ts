import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { MalformedJsonError, UnsupportedMediaTypeError } from '../errors/index.js';

/** Bytes. */
const MAX_SIZE = 16_384;
const PLAIN_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

const utf8 = new TextDecoder();

// Not strict: a number is valid JSON, and it is the schema that says what else was expected.
const parseAny = express.json({ limit: MAX_SIZE, type: hasJsonType, strict: false });

/**
 * Reads a JSON body of at most 16 kB; undefined if there is none.
 *
 * @throws {UnsupportedMediaTypeError | MalformedJsonError}, and what Express's parser throws.
 */
export async function readJsonBody(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
  if (isPlain(req)) return parse(await readText(req));
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  // Without a body, or with an empty one that has no type, the schema says what is missing.
  const empty = encoding === undefined && (length === undefined || length === '0');
  if (!empty && !hasJsonType(req)) throw new UnsupportedMediaTypeError();
  return new Promise((resolve, reject) => {
    parseAny(req, res, (error?: unknown) => {
      if (error === undefined) resolve((req as { body?: unknown }).body);
      else reject(error instanceof Error ? error : new Error('the body cannot be read'));
    });
  });
}

/** What nearly everybody sends: not compressed, of an announced size, to which node holds the sender. */
function isPlain({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= MAX_SIZE &&
    headers['content-encoding'] === undefined &&
    PLAIN_TYPE.test(headers['content-type'] ?? '')
  );
}

function hasJsonType({ headers }: IncomingMessage): boolean {
  return /^application\/json *(?:;|$)/i.test(headers['content-type'] ?? '');
}

/** Rejects if the client goes before the end of its body. */
function readText(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.once('end', () => {
      const [only] = chunks;
      resolve(utf8.decode(chunks.length === 1 ? only : Buffer.concat(chunks)));
    });
    req.once('error', reject);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedJsonError();
  }
}
