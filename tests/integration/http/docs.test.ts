import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../helpers/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** The URLs that a page loads or links to. */
function referencesOf(html: string): string[] {
  return [...html.matchAll(/\s(?:src|href|action|srcset|poster)="([^"]*)"/g)].map(([, target]) => target ?? '');
}

const PAGES = { '/docs': 3, '/errors': 1 };

describe.each(Object.entries(PAGES))('the page %s', (path, scriptCount) => {
  let html: string;
  beforeAll(async () => {
    const response = await app.http.get(path);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    html = response.text;
  });

  it('loads nothing from other origins', () => {
    const references = referencesOf(html);
    expect(references.length).toBeGreaterThanOrEqual(4);
    expect(references.filter((target) => !/^(#|\/(?!\/))/.test(target))).toEqual([]);
    expect(html).not.toMatch(/https?:\/\/|@import|url\(/);
  });

  it('has no inline script or style, which its Content-Security-Policy forbids', () => {
    const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBe(scriptCount);
    for (const [, attributes, content] of scripts)
      expect([attributes, content]).toEqual([expect.stringContaining('src='), '']);
    expect(html).not.toMatch(/\son\w+=|<style|\sstyle=/);
  });

  it('loads every file with the right content type', async () => {
    const types: Record<string, RegExp> = { css: /^text\/css/, js: /^text\/javascript/, ico: /icon/ };
    for (const file of referencesOf(html).filter((target) => target.includes('.'))) {
      const response = await fetch(app.url + file);
      expect([file, response.status]).toEqual([file, 200]);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
      expect(response.headers.get('content-type')).toMatch(types[file.split('.').at(-1) ?? ''] ?? /^$/);
    }
  });

  it('has styles that load nothing from other origins', async () => {
    for (const file of referencesOf(html).filter((target) => target.endsWith('.css'))) {
      const css = await (await fetch(app.url + file)).text();
      const loaded = [...css.matchAll(/url\(["']?([^"')]+)/g)].map(([, target]) => target ?? '');
      expect(loaded.filter((target) => !/^(data:|\.\/files\/)/.test(target))).toEqual([]);
      expect(css).not.toMatch(/@import/);
    }
  });

  it('has the typeface and the colours of the shop, and leads back to it', async () => {
    expect(referencesOf(html)).toEqual(expect.arrayContaining(['/', '/docs', '/errors']));
    expect(await (await fetch(`${app.url}/docs/design/tokens.css`)).text()).toContain('--paper: light-dark(');
    const font = await fetch(`${app.url}/docs/font/files/archivo-latin-wdth-normal.woff2`);
    expect(font.headers.get('content-type')).toBe('font/woff2');
  });
});

describe('Swagger UI', () => {
  it('shows the document of this server, without an external validator', async () => {
    const script = await (await fetch(`${app.url}/docs/start.js`)).text();
    const bundleOptions: Record<string, unknown>[] = [];
    const classes = new Set<string>();
    runInNewContext(script, {
      matchMedia: () => ({ matches: true, addEventListener: () => undefined }),
      document: { documentElement: { dataset: {}, classList: { toggle: (name: string) => classes.add(name) } } },
      SwaggerUIBundle: (options: Record<string, unknown>) => bundleOptions.push(options),
    });
    expect([...classes]).toEqual(['dark-mode']);
    expect(bundleOptions).toMatchObject([{ url: '/openapi.json', validatorUrl: null }]);
    const { text } = await app.http.get('/docs');
    expect(text).toContain(`id="${String(bundleOptions[0]?.dom_id).slice(1)}"`);
  });
});
