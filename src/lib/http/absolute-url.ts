/**
 * Completes a path on this server to a URL; leaves a web URL as it is. Anything else is no picture: null. The endpoints
 * let nothing else in, but a cell edited by hand may hold it.
 */
export function absoluteUrl(urlOrPath: string | null, publicUrl: string): string | null {
  const url = urlOrPath?.startsWith('/') ? publicUrl + urlOrPath : urlOrPath;
  return url !== null && /^https?:/i.test(url) && URL.canParse(url) ? url : null;
}
