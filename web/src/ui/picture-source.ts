const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * The URL to load a picture from. The service completes its own paths with its public URL. If that is `localhost`, a phone on
 * the local network cannot load it, so the picture is loaded from the origin of the page.
 */
export function pictureSource(imageUrl: string, pageOrigin: string): string {
  const url = URL.canParse(imageUrl) ? new URL(imageUrl) : null;
  if (!url || url.origin === pageOrigin || !LOOPBACK.test(url.hostname)) return imageUrl;
  return url.pathname + url.search;
}
