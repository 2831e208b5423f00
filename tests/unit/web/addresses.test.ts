import { describe, expect, it } from 'vitest';
import * as admin from '../../../web/src/admin/selection.js';
import { nextPath, signInHref } from '../../../web/src/auth/sign-in-href.js';
import { hrefOf, readSelection } from '../../../web/src/drops/selection.js';
import { readPage } from '../../../web/src/ui/page-number.js';
import { pictureSource } from '../../../web/src/ui/picture-source.js';

describe('the URL of the list', () => {
  it.each(['/', '/?status=live', '/?q=red+shoe&page=3', '/?status=sold_out&q=a%26b&page=2'])(
    'contains the whole selection: %s',
    (href) => {
      expect(hrefOf(readSelection(new URL(href, 'http://shop').searchParams))).toBe(href);
    },
  );

  it('is read without invalid values', () => {
    const search = new URLSearchParams('status=gone&page=-1&q=+&other=1');
    expect(readSelection(search)).toEqual({});
    expect(readSelection(new URLSearchParams('page=1.5'))).toEqual({});
  });
});

describe('the URL of the list for admins', () => {
  it.each([
    '/admin',
    '/admin?status=draft',
    '/admin?q=red+shoe&sort=name&page=3',
    '/admin?status=paused&q=a%26b&sort=sold',
  ])('contains the whole selection: %s', (href) => {
    expect(admin.hrefOf(admin.readSelection(new URL(href, 'http://shop').searchParams))).toBe(href);
  });

  it('is read without invalid values', () => {
    const search = new URLSearchParams('status=gone&sort=random&page=-1&q=+');
    expect(admin.readSelection(search)).toEqual({ sort: 'newest' });
  });
});

describe('a page number', () => {
  it.each([
    ...(['', '0', '-1', '-Infinity', 'abc', '1', '1.9', 'NaN', '1 2'] as const).map((text) => [text, 1] as const),
    ...([
      ['2', 2],
      [' 3 ', 3],
      ['2.5', 2],
      ['1000001', 1_000_000],
      ['1e99', 1_000_000],
      ['Infinity', 1_000_000],
    ] as const),
  ])('%j is page %i', (text, page) => {
    expect(readPage(new URLSearchParams({ page: text }))).toBe(page);
  });

  it('defaults to the first page', () => {
    expect(readPage(new URLSearchParams())).toBe(1);
  });
});

describe('signing in', () => {
  const origin = 'http://shop.example:5000';
  const nextOf = (next: string) => nextPath(new URLSearchParams({ next }), origin);

  it.each(['/', '/drops/1', '/?status=live&q=run', '/?q=a%26b%2Bc+d&page=2#main', '/purchases?page=3', '/drops/%09'])(
    'leads back to %s',
    (from) => {
      const href = signInHref(from, origin);
      expect(nextPath(new URL(href, origin).searchParams, origin)).toBe(from);
    },
  );

  it('keeps the page to return to from one sign-in page to the other', () => {
    expect(signInHref('/register?next=%2Fholds', origin)).toBe('/sign-in?next=%2Fholds');
    expect(signInHref('/register', origin)).toBe('/sign-in');
    expect(signInHref('/sign-in?next=%2F%2Fevil.example', origin)).toBe('/sign-in');
  });

  it.each([
    ['/drops/1\t', '/drops/1'],
    ['/dro\tps/1', '/drops/1'],
    ['/drops\r\n/1', '/drops/1'],
    [' /holds\n', '/holds'],
    ['drops/1', '/drops/1'],
    ['/a/../holds', '/holds'],
    ['/\u{1F600}\uD800', '/%F0%9F%98%80%EF%BF%BD'],
    [`${origin}/holds?a=b#c`, '/holds?a=b#c'],
    ['/%2Fevil.example', '/%2Fevil.example'],
  ])('parses %j like browsers', (next, path) => {
    expect(nextOf(next)).toBe(path);
  });

  it.each([
    ...[
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '\\/evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
    ],
    ...['\t//evil.example', '/\r\\evil.example', '/.//evil.example', '/a/..//evil.example', '///evil.example'],
    ...['https://evil.example', 'https:evil.example', 'http://shop.example', 'https://shop.example:5000/', '//'],
    ...['javascript:alert(1)', ' java\nscript:alert(1)', 'data:text/html,x', 'about:blank', 'file:///etc/passwd'],
    ...[`blob:${origin}/holds`, `${origin}@evil.example/`, 'http://[', '', '/sign-in', '/register?next=/sign-in'],
  ])('does not lead to %j', (next) => {
    expect(nextOf(next)).toBe('/');
  });
});

describe('pictureSource', () => {
  const onPhone = 'http://192.168.1.7:5000';
  it('loads pictures of localhost from the origin of the page', () => {
    expect(pictureSource('http://localhost:5000/images/a.svg?v=1', onPhone)).toBe('/images/a.svg?v=1');
    expect(pictureSource('http://127.0.0.1:5000/images/a.svg', onPhone)).toBe('/images/a.svg');
  });

  it.each(['https://cdn.example/a.png', `${onPhone}/images/a.svg`, 'nonsense'])('does not change %s', (url) => {
    expect(pictureSource(url, onPhone)).toBe(url);
  });
});
