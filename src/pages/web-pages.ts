import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Express, Request, Response } from 'express';
import expressStaticGzip from 'express-static-gzip';
import { onlyGet } from './only-get.js';
import type { PreviewDrop } from './drop-preview.js';
import { withHead } from './page-head.js';
import { pageSecurityHeaders } from '../lib/http/security-headers.js';

/** Where the build puts the storefront, seen from src/ and from dist/. */
const FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url));
const PAGE = '/index.html';
/** The build's names of these files tell their content. */
const HASHED = '/assets';
/** What the page can know: it has no dots. */
const PAGE_PATH = /^[\w/-]+$/;
/** Of a built file; what is written otherwise need not be looked for. */
const FILE_NAME = /^[\w./-]+$/;
/** The pages that the storefront has: they answer every client that does not prefer JSON. Its router lists them too. */
const PAGE_ROUTE = /^\/(?:drops\/[^/]+|holds|purchases|sign-in|register|dashboard|admin)?\/?$/;
const DROP_PAGE = /^\/drops\/([^/]+)\/?$/;
/** What stands beside the pages: below these, an unknown path is a failure to be told, not a page. */
const NOT_PAGES = /^\/(api|docs|errors|images|assets|socket\.io)(\/|$)/;
const PAGE_VARY = 'Accept, Accept-Encoding, Origin';
const SECONDS_IN_A_YEAR = 31_536_000;

/** Whether the storefront has been built. */
export function isWebBuilt(folder = FOLDER): boolean {
  return existsSync(join(folder, PAGE));
}

interface WebPagesOptions {
  readonly publicUrl: string;
  readonly previewDrop: PreviewDrop;
  /** Where the built storefront is, if not where the build puts it. */
  readonly folder?: string | undefined;
}

/**
 * Serves the storefront: its files, compressed as the build has left them, and its page at each of its routes, to clients that do
 * not prefer JSON, and wherever a browser asks for a page that nothing else answers. The page of a drop has the drop in its
 * head, and status 404 if there is none. Without a build, / leads to the docs. Mount it last.
 */
export function mountWebPages(app: Express, { publicUrl, previewDrop, folder = FOLDER }: WebPagesOptions): void {
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
        const isPage = path.startsWith(join(folder, PAGE));
        res.setHeader('Vary', isPage ? PAGE_VARY : 'Accept-Encoding, Origin');
        const isHashed = path.startsWith(join(folder, HASHED));
        res.setHeader('Cache-Control', isHashed ? `public, max-age=${SECONDS_IN_A_YEAR}, immutable` : 'no-cache');
      },
    },
  });
  /** Sends the page with the drop in its head; false: there is nothing to put there. */
  async function sendDropPage(id: string, res: Response): Promise<boolean> {
    const [preview, page] = await Promise.all([previewDrop(id), readFile(join(folder, PAGE), 'utf8')]);
    if (!preview) return false;
    for (const [name, value] of guards) res.setHeader(name, value);
    res.setHeader('Vary', PAGE_VARY);
    res.setHeader('Cache-Control', 'no-cache');
    // With an ETag of its content, and 304 where the client has it.
    res
      .status(preview.isFound ? 200 : 404)
      .type('html')
      .send(withHead(page, preview.head));
    return true;
  }

  app.use(HASHED, onlyGet);
  app.use(async (req, res, next) => {
    if (PAGE_ROUTE.test(req.path)) res.vary('Accept');
    if (isForPage(req)) {
      const id = DROP_PAGE.exec(req.path)?.[1];
      if (id !== undefined && (await sendDropPage(id, res))) return;
      req.url = PAGE;
    }
    if (FILE_NAME.test(req.path)) files(req, res, next);
    else next();
  });
}

/**
 * Whether a request is for the page: at its routes every one that takes HTML and does not prefer JSON; elsewhere only one that
 * names HTML, as a browser does that opens a path.
 */
function isForPage(req: Request): boolean {
  const { method, path, headers } = req;
  if (method !== 'GET' && method !== 'HEAD') return false;
  const isPage = PAGE_ROUTE.test(path) || (PAGE_PATH.test(path) && !NOT_PAGES.test(path) && namesHtml(headers.accept));
  return isPage && req.accepts(['html', 'json', 'application/problem+json']) === 'html';
}

function namesHtml(accept = ''): boolean {
  return accept.includes('text/html');
}
