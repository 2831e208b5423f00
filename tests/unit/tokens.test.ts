import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { expect, it } from 'vitest';
import { createTokens } from '../../src/lib/auth/tokens.js';

const SECRET = 'a secret of the tests that has 32 bytes';
const tokens = createTokens(SECRET, 60);
const user = { id: randomUUID(), role: 'user' as const, tokenVersion: 3 };
const now = Math.floor(Date.now() / 1000);
const issued = { role: 'user', ver: 3, jti: randomUUID(), sub: user.id, iat: now, exp: now + 60 };

/** What jsonwebtoken has about a token: its payload, or that it refuses it. */
function byLibrary(token: string): unknown {
  try {
    return jwt.verify(token, createSecretKey(Buffer.from(SECRET)), { algorithms: ['HS256'] });
  } catch {
    return null;
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token with any header and payload, and the signature that belongs to them. */
function signed(header: object, payload: unknown, secret = SECRET): string {
  return withSignature(`${encode(header)}.${encode(payload)}`, secret);
}

function withSignature(content: string, secret = SECRET): string {
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

const HEADER = { alg: 'HS256', typ: 'JWT' };

it('returns the claims of its own tokens', () => {
  const token = tokens.sign(user);
  expect(tokens.verify(token)).toMatchObject({ sub: user.id, role: 'user', ver: 3 });
  expect(tokens.verify(token)).toEqual(byLibrary(token));
});

it.each<[what: string, token: string, isAccepted: boolean]>([
  ['a token of another issuer with the same secret', signed({ typ: 'JWT', alg: 'HS256' }, issued), true],
  ['a token with a key id', signed({ ...HEADER, kid: '1' }, issued), true],
  ['a token that is valid since a second', signed(HEADER, { ...issued, nbf: now - 1 }), true],
  ['a token that is not valid yet', signed(HEADER, { ...issued, nbf: now + 30 }), false],
  ['an expired token', signed(HEADER, { ...issued, exp: now - 1 }), false],
  ['a token that expires at this moment', signed(HEADER, { ...issued, exp: now }), false],
  ['a token without an expiry', signed(HEADER, { ...issued, exp: undefined }), false],
  ['an expiry that is not a number', signed(HEADER, { ...issued, exp: String(now + 60) }), false],
  ['another secret', signed(HEADER, issued, 'another secret of the same length!!!!!'), false],
  ['no signature', `${encode(HEADER)}.${encode(issued)}.`, false],
  ['the algorithm none', `${encode({ ...HEADER, alg: 'none' })}.${encode(issued)}.`, false],
  ['HS256 in place of HS512', signed({ ...HEADER, alg: 'HS512' }, issued), false],
  ['a payload that is no object', signed(HEADER, 'text'), false],
  ['the payload null', signed(HEADER, null), false],
  ['two parts', signed(HEADER, issued).split('.').slice(0, 2).join('.'), false],
  ['four parts', `${signed(HEADER, issued)}.x`, false],
  ['a signature with padding', `${signed(HEADER, issued)}=`, false],
  ['a signed payload with padding', withSignature(`${encode(HEADER)}.${encode(issued)}==`), false],
  ['a signed payload with another character', withSignature(`${encode(HEADER)}.*${encode(issued)}`), false],
  ['a signed payload of two parts', withSignature(`${encode(HEADER)}.${encode(issued)}.x`), false],
  ['an empty token', '', false],
])('%s', (_what, token, isAccepted) => {
  expect(tokens.verify(token) !== null).toBe(isAccepted);
});

it('accepts no token that jsonwebtoken refuses: its own with one character or more changed', () => {
  const token = tokens.sign(user);
  const character = fc.constantFrom(...'abcXYZ019-_.=+/ é\0');
  fc.assert(
    fc.property(fc.nat(token.length), fc.nat(3), fc.string({ unit: character, maxLength: 3 }), (at, removed, added) => {
      const changed = token.slice(0, at) + added + token.slice(at + removed);
      expect(tokens.verify(changed)).toEqual(byLibrary(changed));
    }),
    { numRuns: 2_000 },
  );
});
