import { useEffect, useEffectEvent } from 'react';
import { useServices } from '../services/services.js';
import type { SignOutReason } from '../services/session.js';
import { texts } from '../texts/texts.js';
import { useSignInHref } from './sign-in-href.js';
import { explainSignOut } from './sign-out-texts.js';
import { useAuth } from './use-auth.js';

/** Shows a notice when the session has ended for another reason than signing out in this browser. */
export function SessionEnd() {
  const { notices } = useServices();
  const { signOutReason } = useAuth();
  const href = useSignInHref();
  const showNotice = useEffectEvent((reason: SignOutReason) => {
    const explanation = explainSignOut(reason);
    if (!explanation) return;
    const { title, text, canSignIn } = explanation;
    const tone = reason === 'signed-out-everywhere' || reason === 'closed' ? 'plain' : 'bad';
    notices.show({ tone, title, text, ...(canSignIn && { link: { href, label: texts.common.signIn } }) });
  });
  useEffect(() => {
    showNotice(signOutReason);
  }, [signOutReason]);
  return null;
}
