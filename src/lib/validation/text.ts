import { z } from 'zod';

/** Text without normalization, such as a URL. PostgreSQL stores all of Unicode except the NUL character. */
export const text = z.string().refine((value) => !value.includes('\0'), 'must not contain a NUL character');

/** Text in Unicode's normalization form C, so that the composed and the decomposed é are equal. */
export const normalizedText = z
  .string()
  .normalize('NFC')
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character');

/** Code points, as PostgreSQL's char_length() counts them. */
function lengthOf(value: string): number {
  return Array.from(value).length;
}

/** Applies a minimum length in code points. Apply it after the normalization. */
export function minCharacters(schema: z.ZodString, min: number) {
  return schema
    .refine((value) => lengthOf(value) >= min, `must have at least ${min} characters`)
    .meta({ minLength: min });
}

/** Applies a maximum length in code points. Apply it after the normalization. */
export function maxCharacters(schema: z.ZodString, max: number) {
  return schema
    .refine((value) => value.length <= max || lengthOf(value) <= max, `must have at most ${max} characters`)
    .meta({ maxLength: max });
}

/**
 * A visible letter, digit, punctuation mark or symbol. The exceptions are drawn as nothing: default ignorable code points such
 * as Hangul fillers, the braille blank and the null notehead.
 */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;
/** Tabs, line breaks, other controls, and marks that change the writing direction, which can make one name look like another. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** A name: 1 to `max` characters on one line, at least one of them visible, without surrounding spaces. */
export function visibleName(max: number) {
  return maxCharacters(normalizedText.trim().min(1), max)
    .refine((value) => VISIBLE.test(value), 'must have a visible character')
    .refine(
      (value) => !CONTROL.test(value),
      'must be on one line, without control characters and marks that override the direction of writing',
    );
}

/**
 * Text of several lines: up to `max` characters without surrounding spaces, if there are any at least one of them visible. Line breaks
 * of every system become `\n`.
 */
export function visibleText(max: number) {
  const lines = normalizedText.overwrite((value) => value.replace(/\r\n?/g, '\n').trim());
  return maxCharacters(lines, max)
    .refine((value) => value === '' || VISIBLE.test(value), 'must have a visible character')
    .refine(
      (value) => !CONTROL.test(value.replaceAll('\n', '')),
      'must have no control characters but line breaks, and no marks that override the direction of writing',
    );
}

/** Why somebody makes a change. */
export const reason = visibleName(500);
