import { constants, deflateRawSync } from 'node:zlib';

/** Fewer distinct characters do not occur by chance: 32 random decimal digits have six of the ten. */
const MIN_DISTINCT_CHARACTERS = 6;
/**
 * What remains of 32 bytes without their repetitions. 50 000 random secrets of 32 decimal or hexadecimal digits kept at least
 * 28 bytes.
 */
const MIN_BYTES_WITHOUT_REPETITION = 27;
/** Words of the placeholders in tutorials and templates. */
const PLACEHOLDER =
  /(change|replace)[-_ ]?(me|this|it)|your[-_ ]?(256|512|own|jwt|secret|super)|(super|top|very)[-_ ]?secret|placeholder|example/i;

/**
 * Whether a secret can be guessed although it is long: it consists of few characters, repeats itself (`abcabc…`), runs in
 * sequence (`0123…`, `zyxw…`), or contains a well-known placeholder (`changeme…`). Phrases of words are accepted.
 */
export function isGuessable(secret: string): boolean {
  const bytes = Buffer.from(secret);
  const steps = Buffer.from(bytes.map((byte, index) => byte - (bytes[index - 1] ?? 0)));
  return (
    new Set(secret).size < MIN_DISTINCT_CHARACTERS ||
    Math.min(lengthWithoutRepetition(bytes), lengthWithoutRepetition(steps)) < MIN_BYTES_WITHOUT_REPETITION ||
    PLACEHOLDER.test(secret)
  );
}

/** With fixed codes, deflate shortens text only by references to earlier text, and not because some letters are frequent. */
function lengthWithoutRepetition(bytes: Buffer): number {
  return deflateRawSync(bytes, { strategy: constants.Z_FIXED, level: constants.Z_BEST_COMPRESSION }).length;
}
