import type { IncomingMessage } from 'node:http';
import { parse, type ParsedUrlQuery } from 'node:querystring';

/** Replaces text that is not UTF-8: a lone surrogate, which parseParts() refuses with the name of its field. */
const NOT_UTF8 = '\ud800';
const NON_ASCII = /[\u0080-\u00ff]/g;
/** A per cent sign that begins no escape stands for itself, as in the URL standard. */
const BARE_PERCENT = /%(?![0-9a-f]{2})/gi;

/** The decoded query parameters of a request; repeated ones are arrays. */
export function queryOf({ url = '' }: IncomingMessage): ParsedUrlQuery {
  const [beforeFragment = ''] = url.split('#', 1);
  const start = beforeFragment.indexOf('?');
  if (start === -1) return {};
  // Node gives bytes that the client did not encode as Latin-1.
  const query = beforeFragment.slice(start + 1).replace(NON_ASCII, percentEncode);
  // maxKeys: the default is the first thousand parameters; here the 16 kB of headers are the limit.
  return parse(query, '&', '=', { maxKeys: 0, decodeURIComponent: decode });
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
