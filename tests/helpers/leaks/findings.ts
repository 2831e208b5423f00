/** A secret or an address in a text that a client or an operator can read. */
export interface Finding {
  readonly kind: 'hash' | 'token' | 'password' | 'e-mail';
  /** Where it was: the request, the socket event or the log. */
  readonly where: string;
  /** The text around it. */
  readonly excerpt: string;
}

/** More would not help, and a leak in every response would fill the memory. */
const MAX_FINDINGS = 20;
/** Characters on each side of what was found. */
const EXCERPT_CONTEXT = 60;

let findings: Finding[] = [];

/** Records what was found at a place in a text. */
export function recordFinding(kind: Finding['kind'], where: string, text: string, at: number, length: number): void {
  if (findings.length >= MAX_FINDINGS) return;
  const excerpt = text.slice(Math.max(0, at - EXCERPT_CONTEXT), at + length + EXCERPT_CONTEXT);
  findings.push({ kind, where, excerpt });
}

/** Returns what was found since the last call. */
export function takeFindings(): Finding[] {
  const taken = findings;
  findings = [];
  return taken;
}
