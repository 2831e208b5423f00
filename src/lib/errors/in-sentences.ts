import type { InvalidField } from './app-error.js';

/** Fields that one text names. */
const MAX_SENTENCES = 5;
/** Characters of a name that a client made up. */
const MAX_NAME_LENGTH = 40;

/** What people call a part of a request as a whole. */
const PARTS: Readonly<Record<string, string>> = { query: 'The address', params: 'The address', path: 'The address' };

/**
 * What is wrong with a request, for people: `Total stock must be at least 1. Name is required`. Paths, and what messages have in
 * parentheses for developers, are left out.
 */
export function inSentences(fields: readonly InvalidField[]): string {
  const sentences = fields
    .slice(0, MAX_SENTENCES)
    .map(({ path, message, label }) => `${label ?? nameInWords(path)} ${message.replace(/ \(.*$/su, '')}`);
  const more = fields.length - sentences.length;
  if (more > 0) sentences.push(`There ${more === 1 ? 'is 1 more problem' : `are ${more} more problems`}`);
  // A question has its mark already.
  return sentences.join('. ').replaceAll('?. ', '? ');
}

/** `body.dropIds.0` in words: `Drop ids`. */
function nameInWords(path: string): string {
  const [part = '', field] = path.split('.');
  if (field === undefined) return PARTS[part] ?? 'The request';
  const words = field
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
  const [first, ...others] = Array.from(words).slice(0, MAX_NAME_LENGTH);
  return first === undefined ? 'A field' : first.toUpperCase() + others.join('');
}
