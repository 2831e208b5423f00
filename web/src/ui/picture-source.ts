const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Where to load a picture from. The service completes its own paths with its public address; while that is `localhost`,
 * a phone on the local network would look for it on itself, so it is asked for where the page came from.
 */
export function pictureSource(imageUrl: string, pageOrigin: string): string {
  const url = URL.canParse(imageUrl) ? new URL(imageUrl) : null;
  if (!url || url.origin === pageOrigin || !LOOPBACK.test(url.hostname)) return imageUrl;
  return url.pathname + url.search;
}
