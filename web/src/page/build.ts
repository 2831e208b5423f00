import { windowStorage } from '../storage.js';

const RELOADED_FOR = 'reloaded-for';

const SERVED_BUILD_TIMEOUT_MS = 10_000;

/** The script that a document of the page begins with. Its name tells its content, so each build has another one. */
function buildOf(page: Document): string | null {
  return page.querySelector('script[type="module"]')?.getAttribute('src') ?? null;
}

/** The build that this document was loaded with. */
export const SHOWN_BUILD = typeof document === 'undefined' ? null : buildOf(document);

/** The build that the server has now; null: it cannot be reached, or something else answers in its place. */
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
 * Loads the document again, unless that was done for this build before: it did not help, as when several servers have
 * different builds. Where site data is blocked, it is remembered for the history entry alone, which survives a reload.
 * Returns whether it reloads.
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
