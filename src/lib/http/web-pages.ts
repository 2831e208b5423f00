import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Express, Request } from 'express';
import expressStaticGzip from 'express-static-gzip';
import { onlyGet } from './only-get.js';
import { pageSecurityHeaders } from './security-headers.js';

/** Where the build puts the storefront, seen from src/ and from dist/. */
const FOLDER = fileURLToPath(new URL('../../../dist/web', import.meta.url));
const PAGE = '/index.html';
/** The build's names of these files tell their content. */
const HASHED = '/assets';
/** What the page can know: it has no dots. */
const PAGE_PATH = /^[\w/-]+$/;
/** Of a built file; what is written otherwise need not be looked for. */
const FILE_NAME = /^[\w./-]+$/;
/** What stands beside the pages: below these, an unknown path is a failure to be told, not a page. */
const NOT_PAGES = /^\/(api|docs|errors|images|assets|socket\.io)(\/|$)/;
const SECONDS_IN_A_YEAR = 31_536_000;

/** Whether the storefront has been built. */
export function isWebBuilt(folder = FOLDER): boolean {
  return existsSync(join(folder, PAGE));
}

/**
 * Serves the storefront: its files, compressed as the build has left them, and its page at / and wherever a browser asks for
 * a page that nothing else answers: the page knows its own paths. Without a build, / leads to the docs. Mount it last.
 */
export function mountWebPages(app: Express, publicUrl: string, folder = FOLDER): void {
  app.all('/', onlyGet);
  if (!isWebBuilt(folder)) {
    app.get('/', (_req, res) => {
      res.redirect('/docs');
    });
    return;
  }
  const guards = pageSecurityHeaders(publicUrl);
  const files = expressStaticGzip(folder, {
    enableBrotli: true,
    orderPreference: ['br'],
    index: false,
    serveStatic: {
      redirect: false,
      acceptRanges: false,
      // Set below.
      cacheControl: false,
      setHeaders(res: ServerResponse, path: string) {
        for (const [name, value] of guards) res.setHeader(name, value);
        res.setHeader('Vary', 'Accept-Encoding, Origin');
        const isHashed = path.startsWith(join(folder, HASHED));
        res.setHeader('Cache-Control', isHashed ? `public, max-age=${SECONDS_IN_A_YEAR}, immutable` : 'no-cache');
      },
    },
  });
  app.get('/', (req, res, next) => {
    req.url = PAGE;
    files(req, res, next);
  });
  app.use(HASHED, onlyGet);
  app.use((req, res, next) => {
    if (isForPage(req)) req.url = PAGE;
    if (FILE_NAME.test(req.path)) files(req, res, next);
    else next();
  });
}

/** Whether it is for the page, as a browser that opens a path asks for it. */
function isForPage({ method, path, headers }: Request): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return Boolean(headers.accept?.includes('text/html')) && PAGE_PATH.test(path) && !NOT_PAGES.test(path);
}
