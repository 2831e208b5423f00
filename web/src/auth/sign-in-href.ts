import { useLocationProperty } from 'wouter/use-browser-location';

/** Pages that end with a user signed in: they are no place to return to. */
const SIGN_IN_PAGES = ['/sign-in', '/register'];

/**
 * The address of the sign-in page, which leads back to `from` afterwards: an address with its query and fragment, by
 * default the one that is shown.
 */
export function signInHref(from = currentAddress(), origin = window.location.origin): string {
  const { pathname, searchParams } = new URL(from, origin);
  // From one of the sign-in pages: to where that one leads.
  const next = SIGN_IN_PAGES.includes(pathname) ? nextPath(searchParams, origin) : from;
  return next === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ next }).toString()}`;
}

/** {@link signInHref} of the address that is shown, for links. */
export function useSignInHref(): string {
  return signInHref(useLocationProperty(currentAddress));
}

function currentAddress(): string {
  const { pathname, search, hash } = window.location;
  return pathname + search + hash;
}

/**
 * Where to go after signing in: the `next` of the address if it is a page of this origin, otherwise `/`. It is parsed as
 * browsers parse addresses: they remove tabs and line breaks, and read a backslash as a slash.
 */
export function nextPath(search: URLSearchParams, origin = window.location.origin): string {
  const next = search.get('next') ?? '/';
  const url = URL.canParse(next, origin) ? new URL(next, origin) : null;
  // The origin of a `blob:` address is that of the page in it.
  if (url?.origin !== origin || url.protocol !== new URL(origin).protocol) return '/';
  // `/.//host` is a path of this origin, but as an address of its own it would name another host.
  if (url.pathname.startsWith('//') || SIGN_IN_PAGES.includes(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}
