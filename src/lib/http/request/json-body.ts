import { isAscii } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { parse as parseContentType } from 'content-type';
import {
  MalformedJsonError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
  ValidationError,
} from '../../errors/index.js';
import { announcesTooMuch, MAX_BODY_BYTES } from './body-size.js';

const JSON_TYPE = 'application/json';
/** The second one is not registered, but common. */
const UTF8_CHARSETS = ['utf-8', 'utf8'];

/** Of objects and lists in each other. No route takes more than three. */
const MAX_DEPTH = 32;
/** Members and items of all objects and lists. No route takes more than twenty; each is validated and may be named in a refusal. */
const MAX_VALUES = 256;

const NO_BYTES = Buffer.alloc(0);

/** Skips a byte order mark; throws a TypeError for bytes that are not UTF-8. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const DECOMPRESS = new Map([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * Reads a JSON body of at most 16 kB; undefined without a body.
 *
 * @throws {UnsupportedMediaTypeError | MalformedJsonError}
 * @throws {PayloadTooLargeError} before anything is read if the announced length is over the limit.
 * @throws {ValidationError} if the body cannot be decompressed or is not UTF-8.
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (!isJson(req)) {
    // The schema names what an empty body lacks.
    const isEmpty = encoding === undefined && (length === undefined || length === '0');
    if (!isEmpty) throw new UnsupportedMediaTypeError();
    return undefined;
  }
  if (encoding === undefined && length === undefined) return undefined;
  if (announcesTooMuch(req)) throw new PayloadTooLargeError();
  // A small body arrives in the packet of its headers.
  const bytes = req.complete ? receivedBytes(req) : await receiveBytes(req);
  const contentEncoding = req.headers['content-encoding'];
  const plain = contentEncoding === undefined ? bytes : await decompress(bytes, contentEncoding.toLowerCase());
  return plain.byteLength === 0 ? {} : parseJson(decode(plain));
}

function isJson({ headers }: IncomingMessage): boolean {
  const contentType = headers['content-type'];
  if (contentType === JSON_TYPE) return true;
  const { type, parameters } = parseContentType(contentType ?? '');
  const { charset } = parameters;
  return type === JSON_TYPE && (charset === undefined || UTF8_CHARSETS.includes(charset.toLowerCase()));
}

function receivedBytes(req: IncomingMessage): Buffer {
  const bytes = (req.read() as Buffer | null) ?? NO_BYTES;
  if (bytes.byteLength > MAX_BODY_BYTES) throw new PayloadTooLargeError();
  return bytes;
}

/** Rejects if the client disconnects before the end of its body. Beyond the limit nothing more is read. */
function receiveBytes(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData);
      req.pause();
      reject(new PayloadTooLargeError());
    };
    req.on('data', onData);
    req.once('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    req.once('error', reject);
  });
}

async function decompress(bytes: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === 'identity') return bytes;
  const decompressAll = DECOMPRESS.get(encoding);
  if (!decompressAll) throw new UnsupportedMediaTypeError();
  try {
    return await decompressAll(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new PayloadTooLargeError();
    throw new ValidationError([{ path: 'body', message: `cannot be read (${message})` }]);
  }
}

function decode(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ValidationError([{ path: 'body', message: 'must be text in UTF-8' }]);
  }
}

/** @throws {ValidationError} if it has more levels or values than any request: what validates it would take long. */
function parseJson(text: string): unknown {
  const excess = excessOf(text);
  if (excess) throw new ValidationError([{ path: 'body', message: excess }]);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedJsonError();
  }
}

/** What a text has too many of, if anything. Counts brackets and commas outside of strings. */
function excessOf(json: string): string | null {
  let depth = 0;
  let values = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH) return 'is nested too deeply';
    } else if (character === '}' || character === ']') depth -= 1;
    else if (character === ',') values += 1;
    if (values > MAX_VALUES) return `must have at most ${MAX_VALUES} values`;
  }
  return null;
}
