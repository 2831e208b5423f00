import { explainCode, type Explanation } from '../api/explain.js';
import type { SignOutReason } from '../services/session.js';
import { texts } from '../texts/texts.js';

interface SignOutText extends Explanation {
  /** Whether the user can sign in with the same account again. */
  readonly canSignIn: boolean;
}

const reasons = texts.auth.signOutReasons;
const TEXTS: Readonly<Record<Exclude<SignOutReason, 'none' | 'signed-out'>, SignOutText>> = {
  ended: { title: explainCode('unauthenticated').title, text: reasons.ended, canSignIn: true },
  'signed-out-everywhere': { ...reasons.signedOutEverywhere, canSignIn: true },
  disabled: { ...reasons.disabled, canSignIn: false },
  gone: { ...reasons.gone, canSignIn: false },
  closed: { ...reasons.closed, canSignIn: false },
};

/** What a user is shown after signing out; null where nothing has to be explained. */
export function explainSignOut(reason: SignOutReason): SignOutText | null {
  return reason === 'none' || reason === 'signed-out' ? null : TEXTS[reason];
}
