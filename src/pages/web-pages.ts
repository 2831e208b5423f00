import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type Request, type Response } from 'express';
import expressStaticGzip from 'express-static-gzip';
import helmet from 'helmet';
import type { ReadLimit } from '../lib/http/read-limit.js';
import { onlyGet } from '../lib/http/routers.js';
import type { PreviewDrop } from './drop-preview.js';
import { withDemoAccounts, withHead, type OfferedAccount } from './page-head.js';

const PUBLIC_FOLDER = fileURLToPath(new URL('../../public', import.meta.url));
/** Files that browsers and crawlers request from every server, and the image of previews without their own. */
const PUBLIC_FILES = ['/favicon.ico', '/robots.txt', '/share.png'];
/** The build's output, relative to src/pages and to dist/pages. */
const FOLDER = fileURLToPath(new URL('../../dist/web', import.meta.url));
const PAGE = '/index.html';
/** These files have a hash of their content in their names. */
const HASHED = '/assets';
/** Paths of pages have no dots. */
const PAGE_PATH = /^[\w/-]+$/;
/** Other paths are not looked up among the files. */
const FILE_NAME = /^[\w./-]+$/;
/** The storefront's routes, as its router lists them: sent to every client that does not prefer JSON. */
const PAGE_ROUTE =
  /^\/(?:drops\/[^/]+|holds|purchases|account|sign-in|register|help|terms|dashboard|dashboard\/[^/]+|admin|admin\/new|admin\/drops\/[^/]+)?\/?$/;
const DROP_PAGE = /^\/drops\/([^/]+)\/?$/;
/** An unknown path below these is a 404 and not a page. */
const NOT_PAGES = /^\/(api|docs|errors|images|assets|socket\.io)(\/|$)/;
const PAGE_VARY = 'Accept, Accept-Encoding, Origin';
const SECONDS_IN_A_YEAR = 31_536_000;

export function isWebBuilt(folder = FOLDER): boolean {
  return existsSync(join(folder, PAGE));
}

interface WebPagesOptions {
  readonly publicUrl: string;
  readonly previewDrop: PreviewDrop;
  readonly readLimit: ReadLimit;
  /** Offered by the sign-in page. Left out: none. */
  readonly demoAccounts?: readonly OfferedAccount[] | undefined;
  /** The built storefront; by default the build's output. */
  readonly folder?: string | undefined;
}

/**
 * Serves the storefront: its precompressed files, and its page at the storefront's routes and at unknown paths that a browser
 * opens. The page of a drop has the drop in its head, and status 404 for an unknown drop. Without a build, / redirects to the
 * docs. Mount it last.
 */
export function mountWebPages(
  app: Express,
  { publicUrl, previewDrop, readLimit, demoAccounts, folder = FOLDER }: WebPagesOptions,
): void {
  app.all('/', onlyGet);
  if (!isWebBuilt(folder)) {
    app.get('/', (_req, res) => {
      res.redirect('/docs');
    });
    return;
  }
  const setPagePolicy = pageSecurityPolicy(publicUrl);
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
        setPagePolicy(res.req, res, () => undefined);
        const isPage = path.startsWith(join(folder, PAGE));
        res.setHeader('Vary', isPage ? PAGE_VARY : 'Accept-Encoding, Origin');
        const isHashed = path.startsWith(join(folder, HASHED));
        res.setHeader('Cache-Control', isHashed ? `public, max-age=${SECONDS_IN_A_YEAR}, immutable` : 'no-cache');
      },
    },
  });
  async function readPage(): Promise<string> {
    const page = await readFile(join(folder, PAGE), 'utf8');
    return demoAccounts ? withDemoAccounts(page, demoAccounts) : page;
  }

  /** Sends a page that is not the same as the file. */
  function sendPage(page: string, res: Response): void {
    setPagePolicy(res.req, res, () => undefined);
    res.setHeader('Vary', PAGE_VARY);
    res.setHeader('Cache-Control', 'no-cache');
    // send() adds an ETag, and answers 304 to a request that has it.
    res.type('html').send(page);
  }

  /** Sends the page with the drop in its head; returns false if there is no preview. */
  async function sendDropPage(id: string, res: Response): Promise<boolean> {
    const [preview, page] = await Promise.all([previewDrop(id, readLimit.of(res.req)), readPage()]);
    if (!preview) return false;
    sendPage(withHead(page, preview.head), res.status(preview.isFound ? 200 : 404));
    return true;
  }

  app.use(HASHED, onlyGet);
  app.use(async (req, res, next) => {
    if (PAGE_ROUTE.test(req.path)) res.vary('Accept');
    if (isForPage(req)) {
      const id = DROP_PAGE.exec(req.path)?.[1];
      if (id !== undefined && (await sendDropPage(id, res))) return;
      if (demoAccounts) {
        sendPage(await readPage(), res);
        return;
      }
      req.url = PAGE;
    }
    if (FILE_NAME.test(req.path)) files(req, res, next);
    else next();
  });
}

/**
 * Whether a request is for the page: at the storefront's routes if it accepts HTML and does not prefer JSON; elsewhere only if
 * it names HTML, as browsers do when they open a path.
 */
function isForPage(req: Request): boolean {
  const { method, path, headers } = req;
  if (method !== 'GET' && method !== 'HEAD') return false;
  const isPage = PAGE_ROUTE.test(path) || (PAGE_PATH.test(path) && !NOT_PAGES.test(path) && namesHtml(headers.accept));
  return isPage && req.accepts(['html', 'json', 'application/problem+json']) === 'html';
}

/** Scripts, styles, fonts and connections of this server alone, no inline ones; images from anywhere, as drops have them. */
function pageSecurityPolicy(publicUrl: string) {
  return helmet.contentSecurityPolicy({
    directives: {
      // Includes the websocket of this host.
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'http:', 'https:'],
      styleSrc: ["'self'"],
      upgradeInsecureRequests: publicUrl.startsWith('https:') ? [] : null,
    },
  });
}

function namesHtml(accept = ''): boolean {
  return accept.includes('text/html');
}

/** Serves the images at /images and a few files, to pages on any origin. */
export function mountPublicFiles(app: Express): void {
  app.all(PUBLIC_FILES, onlyGet, servePublic(PUBLIC_FOLDER));
  app.use('/images', onlyGet, servePublic(join(PUBLIC_FOLDER, 'images')));
}

function servePublic(folder: string) {
  return express.static(folder, {
    index: false,
    redirect: false,
    acceptRanges: false,
    maxAge: '1h',
    setHeaders: (res) => {
      res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
}
