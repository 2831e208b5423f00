/**
 * The URL of an image: a path on this server is completed with PUBLIC_URL, a web URL stays as it is. Null for any other text,
 * which the API refuses but which a manual edit of the database may contain.
 */
export function absoluteUrl(urlOrPath: string | null, publicUrl: string): string | null {
  const url = urlOrPath?.startsWith('/') ? publicUrl + urlOrPath : urlOrPath;
  return url !== null && /^https?:/i.test(url) && URL.canParse(url) ? url : null;
}
