import { expect as playwrightExpect } from 'playwright/test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright';
import type { TestUser } from './app.js';
import { launchChromium } from './chromium.js';

/** Long enough for a busy machine. */
const TIMEOUT_MS = 240_000;

/** Playwright's assertions, which wait until they are true. */
export const expect = playwrightExpect.configure({ timeout: TIMEOUT_MS });

/** The key of the signed-in user in the page's storage. */
const SESSION = 'drop-inventory.session';

export interface WindowOptions extends BrowserContextOptions {
  /** The user who is signed in. Left out: no user. */
  readonly user?: TestUser;
  /** The test makes the page throw: errors in its console do not fail the test. */
  readonly expectsErrors?: boolean;
}

/** The browser of a test file. Call close() in `afterAll`, and closeAll() in `afterEach`. */
export interface Windows {
  /** Opens a URL in a new browser context, which shares nothing with the other windows. */
  open(url: string, options?: WindowOptions): Promise<Page>;
  /**
   * Closes every window.
   *
   * @throws {Error} if a page requested another origin, violated its Content-Security-Policy, threw an uncaught error, or
   *   logged an error to the console.
   */
  closeAll(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a browser. */
export async function openWindows(): Promise<Windows> {
  const browser: Browser = await launchChromium();
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];

  return {
    async open(url, { user, expectsErrors = false, ...options } = {}) {
      const { origin } = new URL(url);
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: { width: 1280, height: 800 },
        ...(user && { storageState: signedIn(user, origin) }),
        ...options,
      });
      context.setDefaultTimeout(TIMEOUT_MS);
      contexts.push(context);
      watch(context, origin, problems, expectsErrors);
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async closeAll() {
      await Promise.all(contexts.splice(0).map((context) => context.close()));
      const found = problems.splice(0);
      if (found.length > 0) throw new Error(`Problems in the page:\n${found.join('\n')}`);
    },
    close: () => browser.close(),
  };
}

function signedIn({ token, ...user }: TestUser, origin: string): BrowserContextOptions['storageState'] {
  const localStorage = [{ name: SESSION, value: JSON.stringify({ token, user }) }];
  return { cookies: [], origins: [{ origin, localStorage }] };
}

/** Console messages of refused requests and of an unreachable server, which tests cause. */
const NETWORK_ERROR = /^Failed to load resource|^WebSocket connection to .* failed/;

function watch(context: BrowserContext, origin: string, problems: string[], expectsErrors: boolean): void {
  const local = new Set([origin, origin.replace('http', 'ws'), 'null']);
  const check = (url: string) => {
    if (!local.has(new URL(url).origin)) problems.push(`requested another origin: ${url}`);
  };
  context.on('request', (request) => {
    check(request.url());
  });
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      check(socket.url());
    });
  });
  if (expectsErrors) return;
  context.on('weberror', (error) => {
    problems.push(`threw: ${error.error().stack ?? String(error.error())}`);
  });
  context.on('console', (message) => {
    const text = message.text();
    const isError = message.type() === 'error' || text.includes('Content Security Policy');
    if (isError && !NETWORK_ERROR.test(text)) problems.push(`logged in the console: ${text}`);
  });
}
