import type { IncomingMessage } from 'node:http';
import { parse, type ParsedUrlQuery } from 'node:querystring';

/** Stands for text that is not UTF-8: a lone surrogate, which parseParts() refuses together with the field's name. */
const NOT_UTF8 = '\ud800';
const NON_ASCII = /[\u0080-\u00ff]/g;
/** A per cent sign that begins no escape is itself, as in URLs everywhere. */
const BARE_PERCENT = /%(?![0-9a-f]{2})/gi;

/** The query parameters of a request, decoded. Those that are repeated are arrays. */
export function queryOf({ url = '' }: IncomingMessage): ParsedUrlQuery {
  const [beforeFragment = ''] = url.split('#', 1);
  const start = beforeFragment.indexOf('?');
  if (start === -1) return {};
  // Bytes that the client did not encode, node gives as Latin-1, if it does not refuse them.
  const query = beforeFragment.slice(start + 1).replace(NON_ASCII, percentEncode);
  // Not only the first thousand parameters, which is the default: a request has at most 16 kB of headers.
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
