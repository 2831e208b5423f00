/** The page to sign in on, and then to come back from. */
export function signInHref(from: string): string {
  return from === '/' || from.startsWith('/sign-in') || from.startsWith('/register')
    ? '/sign-in'
    : `/sign-in?next=${encodeURIComponent(from)}`;
}

/** Where to go after signing in, as the address says: a path of this page, and nothing else that somebody wrote there. */
export function nextPath(search: URLSearchParams): string {
  const next = search.get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) ? next : '/';
}
