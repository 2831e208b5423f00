import { recordFinding } from './findings.js';

/** Matches every text that may hold a hash, a token or an address. Most texts do not match, and cost nothing more. */
const MAY_HOLD_SECRET = /@|%40|eyJ|\$2[aby]\$/i;
const HASH = /\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/g;
const TOKEN = /\beyJ[\w-]{5,1000}\.[\w-]{5,2000}\.[\w-]{20,200}/g;
const EMAIL = /[\w.+-]{1,64}(?:@|%40)(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}\b/gi;

/** Shorter passwords, those of fewer characters, and numbers may stand in a text by chance. */
const MIN_LENGTH = 10;
const MIN_DIFFERENT_CHARACTERS = 6;
/** The example of a password in the API documentation. */
const DOCUMENTED_PASSWORD = 'correct horse';
/** The names that every object has, and parts of them, are also sent as other values. */
const COMMON_NAMES = Object.getOwnPropertyNames(Object.prototype);
/** Of the passwords that tests sent last; log lines are searched for all of them. */
const MAX_RECENT_PASSWORDS = 30;
const recentPasswords = new Set<string>();

/** Records a password that a test uses, unless it may stand in other texts by chance. */
export function recordPassword(password: string): void {
  if (password.length < MIN_LENGTH || new Set(password).size < MIN_DIFFERENT_CHARACTERS) return;
  if (!Number.isNaN(Number(password))) return;
  if (password === DOCUMENTED_PASSWORD || COMMON_NAMES.some((name) => name.includes(password))) return;
  recentPasswords.delete(password);
  recentPasswords.add(password);
  const [oldest] = recentPasswords;
  if (recentPasswords.size > MAX_RECENT_PASSWORDS && oldest !== undefined) recentPasswords.delete(oldest);
}

/** Removes the passwords of a test file: the next one may send the same texts as something else. */
export const clearPasswords = () => {
  recentPasswords.clear();
};

/** Which secrets a text may hold. */
export interface Allowed {
  readonly token: boolean;
  /** Whether the text may have this address, in lower case. */
  readonly email: (address: string) => boolean;
}

export const NOTHING_ALLOWED: Allowed = { token: false, email: () => false };

/**
 * Records the hashes, tokens, addresses and passwords of a text.
 *
 * @param where for the message.
 * @param allow is called only if the text may hold a secret.
 */
export function searchText(text: string, where: string, allow: () => Allowed = () => NOTHING_ALLOWED): void {
  for (const password of recentPasswords) {
    const at = text.indexOf(password);
    if (at !== -1) recordFinding('password', where, text, at, password.length);
  }
  if (!MAY_HOLD_SECRET.test(text)) return;
  const allowed = allow();
  for (const { 0: match, index } of text.matchAll(HASH)) recordFinding('hash', where, text, index, match.length);
  for (const { 0: match, index } of allowed.token ? [] : text.matchAll(TOKEN)) {
    recordFinding('token', where, text, index, match.length);
  }
  for (const { 0: match, index } of text.matchAll(EMAIL)) {
    const address = match.toLowerCase().replace('%40', '@');
    if (!allowed.email(address)) recordFinding('e-mail', where, text, index, match.length);
  }
}

/** Returns the e-mail addresses of a text, in lower case. */
export const addressesOf = (text: string): string[] =>
  [...text.matchAll(EMAIL)].map(([match]) => match.toLowerCase().replace('%40', '@'));
