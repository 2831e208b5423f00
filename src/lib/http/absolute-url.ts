/** Completes a path on this server to a URL; leaves a URL, or nothing, as it is. */
export function absoluteUrl(urlOrPath: string | null, publicUrl: string): string | null {
  return urlOrPath?.startsWith('/') ? publicUrl + urlOrPath : urlOrPath;
}
