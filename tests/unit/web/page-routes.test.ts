import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('the service serves the page at exactly the routes of the storefront', () => {
  const source = /const PAGE_ROUTE =\s+\/(.*)\/;/.exec(read('src/pages/web-pages.ts'))?.[1] ?? '';
  const served = new RegExp(source);
  // Routes of the table of pages, and routes with parameters.
  const routes = [...read('web/src/app.tsx').matchAll(/(?:<Route path="|^ {2}')(\/[^"']*)(?:"|': )/gm)].map(
    ([, path = '']) => path,
  );
  expect(routes).toContain('/');
  expect(routes).toContain('/drops/:id');
  for (const route of routes) expect(served.test(route.replace(':id', 'any-id')), route).toBe(true);
  const listed = /\((?:\?:)(.*)\)\?/.exec(source)?.[1]?.split('|') ?? [];
  expect(listed.map((name) => `/${name.replaceAll('\\/', '/').replaceAll('[^/]+', ':id')}`).sort()).toEqual(
    routes.filter((path) => path !== '/').sort(),
  );
});
