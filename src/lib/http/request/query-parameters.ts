import type { IncomingMessage } from 'node:http';
import { parse, type ParsedUrlQuery } from 'node:querystring';

/** Replaces text that is not UTF-8: a lone surrogate, which parseParts() refuses with the name of its field. */
const NOT_UTF8 = '\ud800';
const NON_ASCII = /[\u0080-\u00ff]/g;
/** A per cent sign that begins no escape stands for itself, as in the URL standard. */
const BARE_PERCENT = /%(?![0-9a-f]{2})/gi;

/** More than any route takes. */
const MAX_PARAMETERS = 100;
/** Separators without a parameter between them would count. */
const EMPTY_PARAMETERS = /^&+|(?<=&)&+/g;

/**
 * The decoded query parameters of a request; repeated ones are arrays. Of more than 100, the first 100: one of these is repeated
 * or not known to the route, which refuses the request.
 */
export function queryOf({ url = '' }: IncomingMessage): ParsedUrlQuery {
  const [beforeFragment = ''] = url.split('#', 1);
  const start = beforeFragment.indexOf('?');
  if (start === -1) return {};
  // Node gives bytes that the client did not encode as Latin-1.
  const query = beforeFragment
    .slice(start + 1)
    .replace(EMPTY_PARAMETERS, '')
    .replace(NON_ASCII, percentEncode);
  return parse(query, '&', '=', { maxKeys: MAX_PARAMETERS, decodeURIComponent: decode });
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(BARE_PERCENT, '%25'));
  } catch {
    return NOT_UTF8;
  }
}
