import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseContentType } from 'content-type';
import express from 'express';
import { MalformedJsonError, UnsupportedMediaTypeError, ValidationError } from '../errors/index.js';

const MAX_SIZE_BYTES = 16_384;
/** The second is no registered name, but common. */
const UTF8_NAMES = ['utf-8', 'utf8'];

/** Skips a byte order mark, and throws a TypeError for bytes that are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decompresses, and counts the bytes afterwards. The type is checked before. */
const readRaw = express.raw({ limit: MAX_SIZE_BYTES, type: () => true });

/**
 * Reads a JSON body of at most 16 kB; undefined if there is none.
 *
 * @throws {UnsupportedMediaTypeError | MalformedJsonError}, what Express's parser throws, and {ValidationError} for a body
 * that is not UTF-8.
 */
export async function readJsonBody(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (!isJson(req)) {
    // Without a body, or with an empty one that has no type, the schema says what is missing.
    const empty = encoding === undefined && (length === undefined || length === '0');
    if (!empty) throw new UnsupportedMediaTypeError();
    return undefined;
  }
  const bytes = isPlain(req) ? await readPlain(req) : await readAny(req, res);
  return bytes?.byteLength === 0 ? {} : bytes && parseJson(decode(bytes));
}

/** Not compressed and of an announced size, to which node holds the sender: nearly every body. */
function isPlain({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return length > 0 && length <= MAX_SIZE_BYTES && headers['content-encoding'] === undefined;
}

function isJson({ headers }: IncomingMessage): boolean {
  const { type, parameters } = parseContentType(headers['content-type'] ?? '');
  const { charset } = parameters;
  return type === 'application/json' && (charset === undefined || UTF8_NAMES.includes(charset.toLowerCase()));
}

/** Rejects if the client goes before the end of its body. */
function readPlain(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.once('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    req.once('error', reject);
  });
}

function readAny(req: IncomingMessage, res: ServerResponse): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    readRaw(req, res, (error?: unknown) => {
      if (error === undefined) resolve((req as { body?: Buffer }).body);
      else reject(error instanceof Error ? error : new Error('the body cannot be read'));
    });
  });
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ValidationError([{ path: 'body', message: 'must be text in UTF-8' }]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedJsonError();
  }
}
