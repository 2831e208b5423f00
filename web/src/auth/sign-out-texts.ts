import { explainCode, type Explanation } from '../api/explain.js';
import type { SignOutReason } from '../services/session.js';

interface SignOutText extends Explanation {
  /** Whether the user can sign in with the same account again. */
  readonly canSignIn: boolean;
}

const TEXTS: Readonly<Record<Exclude<SignOutReason, 'none' | 'signed-out'>, SignOutText>> = {
  ended: {
    title: explainCode('unauthenticated').title,
    text: 'It expired, or you changed your password or signed out everywhere on another device. Sign in again to continue.',
    canSignIn: true,
  },
  'signed-out-everywhere': {
    title: 'You are signed out everywhere',
    text: 'Sign in again on each device that you use.',
    canSignIn: true,
  },
  disabled: {
    title: 'Your account is disabled',
    text: 'The shop has disabled it. You are signed out, and your reservations were released. You can still look around.',
    canSignIn: false,
  },
  gone: {
    title: 'This account no longer exists',
    text: 'It was closed, so you are signed out. You can still look around, or create another account.',
    canSignIn: false,
  },
  closed: {
    title: 'Your account is closed',
    text: 'You are signed out, your personal data is removed, and your reservations were released.',
    canSignIn: false,
  },
};

/** What a user is shown after signing out; null where nothing has to be explained. */
export function explainSignOut(reason: SignOutReason): SignOutText | null {
  return reason === 'none' || reason === 'signed-out' ? null : TEXTS[reason];
}
