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

describe('the docs page', () => {
  let html: string;
  beforeAll(async () => {
    const response = await app.http.get('/docs');
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    html = response.text;
  });

  it('loads nothing from other origins', () => {
    const references = referencesOf(html);
    expect(references.length).toBeGreaterThanOrEqual(4);
    expect(references.filter((target) => !/^\/(?!\/)/.test(target))).toEqual([]);
    expect(html).not.toMatch(/https?:\/\/|@import|url\(/);
  });

  it('has no inline script or style, which its Content-Security-Policy forbids', () => {
    const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.length).toBe(2);
    for (const [, attributes, content] of scripts)
      expect([attributes, content]).toEqual([expect.stringContaining('src='), '']);
    expect(html).not.toMatch(/\son\w+=|<style|\sstyle=/);
  });

  it('loads every file with the right content type', async () => {
    const types: Record<string, RegExp> = { css: /^text\/css/, js: /^text\/javascript/, png: /^image\/png/ };
    for (const path of referencesOf(html)) {
      const response = await fetch(app.url + path);
      expect([path, response.status]).toEqual([path, 200]);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(50);
      expect(response.headers.get('content-type')).toMatch(types[path.split('.').at(-1) ?? ''] ?? /^$/);
    }
  });

  it('has styles that load nothing from other origins', async () => {
    const css = await (await fetch(`${app.url}/docs/assets/swagger-ui.css`)).text();
    const loaded = [...css.matchAll(/url\(["']?([^"')]+)/g)].map(([, target]) => target ?? '');
    expect(loaded.filter((target) => !target.startsWith('data:'))).toEqual([]);
    expect(css).not.toMatch(/@import/);
  });

  it('shows the document of this server, without an external validator', async () => {
    const script = await (await fetch(`${app.url}/docs/start.js`)).text();
    const bundleOptions: Record<string, unknown>[] = [];
    runInNewContext(script, { SwaggerUIBundle: (options: Record<string, unknown>) => bundleOptions.push(options) });
    expect(bundleOptions).toMatchObject([{ url: '/openapi.json', validatorUrl: null }]);
    expect(html).toContain(`id="${String(bundleOptions[0]?.dom_id).slice(1)}"`);
  });
});

describe('the page of error codes', () => {
  it('loads nothing, and links only to itself', async () => {
    const { text } = await app.http.get('/errors');
    expect(text).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\//);
    expect(referencesOf(text).filter((target) => !target.startsWith('#'))).toEqual([]);
  });
});
