import { windowStorage } from '../storage.js';

const RELOADED_FOR = 'reloaded-for';

const SERVED_BUILD_TIMEOUT_MS = 10_000;

/** The entry script of a document. Its name contains a hash of its content, so that it identifies the build. */
function buildOf(page: Document): string | null {
  return page.querySelector('script[type="module"]')?.getAttribute('src') ?? null;
}

/** The build of this document. */
export const SHOWN_BUILD = typeof document === 'undefined' ? null : buildOf(document);

/** The build that the server has now; null: the server cannot be reached, or the answer is not the page. */
export async function servedBuild(): Promise<string | null> {
  try {
    const response = await fetch('/', {
      cache: 'no-store',
      headers: { Accept: 'text/html' },
      signal: AbortSignal.timeout(SERVED_BUILD_TIMEOUT_MS),
    });
    return response.ok ? buildOf(new DOMParser().parseFromString(await response.text(), 'text/html')) : null;
  } catch {
    return null;
  }
}

/**
 * Reloads the document, at most once for a build: a second reload would not help, for example when several servers have
 * different builds. Where site data is blocked, the reload is recorded in the history entry alone, which survives it.
 * Returns whether the document is reloaded.
 */
export function reloadOnce(build: string): boolean {
  const { history } = window;
  const state: unknown = history.state;
  if (typeof state === 'object' && state !== null && 'reloadedFor' in state && state.reloadedFor === build)
    return false;
  if (windowStorage.getItem(RELOADED_FOR) === build) return false;
  windowStorage.setItem(RELOADED_FOR, build);
  history.replaceState({ reloadedFor: build }, '');
  window.location.reload();
  return true;
}
