import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseContentType } from 'content-type';
import express from 'express';
import { MalformedJsonError, UnsupportedMediaTypeError, ValidationError } from '../../errors/index.js';

const MAX_SIZE_BYTES = 16_384;
/** The second one is not registered, but common. */
const UTF8_CHARSETS = ['utf-8', 'utf8'];

/** Skips a byte order mark; throws a TypeError for bytes that are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decompresses, with the limit on the decompressed size. readJsonBody() has checked the type. */
const parseRaw = express.raw({ limit: MAX_SIZE_BYTES, type: () => true });

/**
 * Reads a JSON body of at most 16 kB; undefined without a body.
 *
 * @throws {UnsupportedMediaTypeError | MalformedJsonError} and errors of Express's parser.
 * @throws {ValidationError} if the body is not UTF-8.
 */
export async function readJsonBody(req: IncomingMessage, res: ServerResponse): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (!isJson(req)) {
    // The schema names what an empty body lacks.
    const isEmpty = encoding === undefined && (length === undefined || length === '0');
    if (!isEmpty) throw new UnsupportedMediaTypeError();
    return undefined;
  }
  const bytes = isPlain(req) ? await readPlain(req) : await readWithExpress(req, res);
  return bytes?.byteLength === 0 ? {} : bytes && parseJson(decode(bytes));
}

/** Not compressed, and with a Content-Length, which Node enforces: nearly every body. Skips Express's parser, for speed. */
function isPlain({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return length > 0 && length <= MAX_SIZE_BYTES && headers['content-encoding'] === undefined;
}

function isJson({ headers }: IncomingMessage): boolean {
  const { type, parameters } = parseContentType(headers['content-type'] ?? '');
  const { charset } = parameters;
  return type === 'application/json' && (charset === undefined || UTF8_CHARSETS.includes(charset.toLowerCase()));
}

/** Rejects if the client disconnects before the end of its body. */
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

function readWithExpress(req: IncomingMessage, res: ServerResponse): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    parseRaw(req, res, (error?: unknown) => {
      if (error === undefined) resolve((req as { body?: Buffer }).body);
      else reject(error instanceof Error ? error : new Error('The body cannot be read'));
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
