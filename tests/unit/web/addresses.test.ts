import { describe, expect, it } from 'vitest';
import { nextPath, signInHref } from '../../../web/src/auth/sign-in-href.js';
import { hrefOf, readSelection } from '../../../web/src/drops/selection.js';
import { pictureSource } from '../../../web/src/ui/picture-source.js';

describe('the address of the list', () => {
  it.each(['/', '/?status=live', '/?q=red+shoe&page=3', '/?status=sold_out&q=a%26b&page=2'])(
    'says all of %s',
    (href) => {
      expect(hrefOf(readSelection(new URL(href, 'http://shop').searchParams))).toBe(href);
    },
  );

  it('is read without what makes no sense', () => {
    const search = new URLSearchParams('status=gone&page=-1&q=+&other=1');
    expect(readSelection(search)).toEqual({});
    expect(readSelection(new URLSearchParams('page=1.5'))).toEqual({});
  });
});

describe('signing in', () => {
  it('leads back to where one came from', () => {
    expect(nextPath(new URL(signInHref('/drops/1'), 'http://shop').searchParams)).toBe('/drops/1');
    expect(signInHref('/register')).toBe('/sign-in');
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', ''])(
    'does not lead to %j',
    (next) => {
      expect(nextPath(new URLSearchParams({ next }))).toBe('/');
    },
  );
});

describe('pictureSource', () => {
  const onPhone = 'http://192.168.1.7:5000';
  it('asks where the page came from, not the phone itself', () => {
    expect(pictureSource('http://localhost:5000/images/a.svg?v=1', onPhone)).toBe('/images/a.svg?v=1');
    expect(pictureSource('http://127.0.0.1:5000/images/a.svg', onPhone)).toBe('/images/a.svg');
  });

  it.each(['https://cdn.example/a.png', `${onPhone}/images/a.svg`, 'nonsense'])('leaves %s as it is', (url) => {
    expect(pictureSource(url, onPhone)).toBe(url);
  });
});
