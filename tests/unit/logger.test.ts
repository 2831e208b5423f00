import type { IncomingMessage } from 'node:http';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { loggedPath } from '../../src/lib/http/request/logged-path.js';
import { createLogger } from '../../src/lib/logger.js';

const token = jwt.sign({ sub: '0198c0de-0000-7000-8000-000000000001', role: 'user' }, 'a secret of this test');
const [header = '', payload = '', signature = ''] = token.split('.');

const SECRETS: readonly (readonly [form: string, text: string])[] = [
  ['an address', 'john@example.com'],
  ['an address with an encoded @', 'john%40example.com'],
  ['an address with an encoded dot', 'john%40example%2Ecom'],
  ['an address that is encoded twice', 'john%2540example.com'],
  ['an address that is encoded four times', 'john%2525252540example%252525252Ecom'],
  ['an address with encoded letters', '%6Aohn%40%65xample.com'],
  ['an address with an encoded dot only', 'john@example%2Ecom'],
  ['an address with an encoded end', 'john@example.%63om'],
  ['an address in another alphabet', 'jörg@exämple.de'],
  ['an address with umlauts that are encoded', 'j%C3%B6rg%40ex%C3%A4mple.de'],
  ['an address whose bytes were read as Latin-1', Buffer.from('jörg@exämple.de').toString('latin1')],
  ['a token', token],
  ['a token without its header', `${payload}.${signature}`],
  ['a token without its payload', `${header}.${signature}`],
  ['a signature after a dot', `.${signature}`],
];
/** What no line may contain of a secret: names, and parts of tokens that are not the same for all. */
const TELLTALE = new RegExp(`john|6Aohn|rg@|rg%40|example|mple|${payload}|${signature}`);

/** Returns the line of the log for these fields and this message. */
function lineOf(fields: object, message: string): string {
  const lines: string[] = [];
  createLogger({ logLevel: 'trace' }, { destination: { write: (line) => void lines.push(line) } }).info(
    fields,
    message,
  );
  expect(lines).toHaveLength(1);
  return lines.join('');
}

const pathOf = (url: string) => loggedPath({ url } as IncomingMessage);

describe.each(SECRETS)('%s', (form, secret) => {
  it('is in no path', () => {
    for (const url of [`/${secret}`, `/api/users/${secret}`, `/${secret}/x?q=1`, `/api/drops?q=${secret}`]) {
      expect(pathOf(url)).not.toMatch(TELLTALE);
    }
    expect(pathOf(`/api/users/${secret}?x`)).toBe('/api/users/[Redacted]');
  });

  // A lone signature is no token, and has the form of many other texts.
  it.skipIf(form === 'a signature after a dot')('is in no other text', () => {
    for (const message of [
      secret,
      `Cannot read ${secret}: it is "${secret}"`,
      `{"of":"${secret}"}`,
      `/x/${secret}/y`,
    ]) {
      const line = lineOf({ nested: { text: message } }, message);
      expect(line).not.toMatch(TELLTALE);
      expect(JSON.parse(line)).toMatchObject({ level: 30 });
    }
  });
});

it('the check would find each of them in a line without the redaction', () => {
  for (const [form, secret] of SECRETS) expect([form, secret]).toEqual([form, expect.stringMatching(TELLTALE)]);
});

describe('what an operator needs is kept:', () => {
  it.each([
    '/',
    '/api/drops/0198c0de-0000-7000-8000-000000000001/movements',
    '/api/admin/drops',
    '/assets/index-Bx3_a9.js',
    '/favicon.ico',
    '/socket.io/',
  ])('the path %s', (path) => {
    expect(pathOf(`${path}?page=2`)).toBe(path);
  });

  it.each([
    'at file:///srv/node_modules/@prisma/client/runtime/library.js:12:34',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'Use express@5.1.0 or later, 40% of the requests',
    'drops_available_stock_within_total_and_not_negative_check',
  ])('the text %j', (text) => {
    expect(lineOf({}, text)).toContain(text);
  });
});
