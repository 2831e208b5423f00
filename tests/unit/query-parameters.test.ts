import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { queryOf } from '../../src/lib/http/request/query-parameters.js';

/** Parses the query of this target. Node passes bytes that are not ASCII as Latin-1. */
const query = (target: string) => ({ ...queryOf({ url: Buffer.from(target).toString('latin1') } as IncomingMessage) });

describe('the query of a request', () => {
  it.each([
    ['/', {}],
    ['/?', {}],
    ['/?&&', {}],
    ['/?a', { a: '' }],
    ['/?a=b=c', { a: 'b=c' }],
    ['/?a=1?2', { a: '1?2' }],
    ['/?a=1&a=2', { a: ['1', '2'] }],
    ['/?a[]=1', { 'a[]': '1' }],
    ['/?a=%20+%2B', { a: '  +' }],
    ['/?a=100%', { a: '100%' }],
    ['/?a=1#b?c=2', { a: '1' }],
    ['http://example.com/?a=1', { a: '1' }],
    ['/?a=%E2%82%AC', { a: '€' }],
    ['/?a=€ à', { a: '€ à' }],
    ['/?a=%FF', { a: '\ud800' }],
    ['/?%FF=a', { '\ud800': 'a' }],
    ['/?__proto__=1', { ['__proto__']: '1' }],
  ])('is parsed from %s', (target, expected) => {
    expect(query(target)).toEqual(expected);
  });

  it('with Latin-1 bytes is invalid, and not decoded as other text', () => {
    expect(queryOf({ url: '/?a=\xe9' } as IncomingMessage).a).toBe('\ud800');
  });

  it('has the first hundred of thousands of parameters', () => {
    const target = `/?${Array.from({ length: 1_500 }, (_, index) => `p${index}`).join('&')}`;
    expect(Object.keys(query(target))).toEqual(Array.from({ length: 100 }, (_, index) => `p${index}`));
  });

  it('has what follows hundreds of separators', () => {
    expect(query(`/?${'&'.repeat(500)}a=1${'&'.repeat(500)}b=2`)).toEqual({ a: '1', b: '2' });
  });
});
