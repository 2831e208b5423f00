import { useLocationProperty } from 'wouter/use-browser-location';

/** Pages to which signing in does not return. */
const SIGN_IN_PAGES = ['/sign-in', '/register'];

/**
 * The URL of the sign-in page, which returns to `from` afterwards: a path with query and fragment, by default the current
 * one.
 */
export function signInHref(from = currentAddress(), origin = window.location.origin): string {
  const { pathname, searchParams } = new URL(from, origin);
  // From one of the sign-in pages: the page to which that one returns.
  const next = SIGN_IN_PAGES.includes(pathname) ? nextPath(searchParams, origin) : from;
  return next === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next }).toString()}`;
}

/** {@link signInHref} of the current address, for links. */
export function useSignInHref(): string {
  return signInHref(useLocationProperty(currentAddress));
}

function currentAddress(): string {
  const { pathname, search, hash } = window.location;
  return pathname + search + hash;
}

/**
 * The page after signing in: the query parameter `next` if it is a page of this origin, otherwise `/`. It is parsed as
 * browsers parse URLs: they remove tabs and line breaks, and read a backslash as a slash.
 */
export function nextPath(search: URLSearchParams, origin = window.location.origin): string {
  const next = search.get('next') ?? '/';
  const url = URL.canParse(next, origin) ? new URL(next, origin) : null;
  // The origin of a `blob:` URL is that of the page in it.
  if (url?.origin !== origin || url.protocol !== new URL(origin).protocol) return '/';
  // `/.//host` is a path of this origin, but a URL that starts with `//` names another host.
  if (url.pathname.startsWith('//') || SIGN_IN_PAGES.includes(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}
