import { useEffect, useEffectEvent } from 'react';
import { explainCode } from '../api/explain.js';
import { useServices } from '../services/services.js';
import { useSignInHref } from './sign-in-href.js';
import { useAuth } from './use-auth.js';

/** Shows a notice when the server has ended the session. */
export function SessionEnd() {
  const { notices } = useServices();
  const { signOutReason } = useAuth();
  const href = useSignInHref();
  const showNotice = useEffectEvent(() => {
    const link = { href, label: 'Sign in' };
    notices.show({ tone: 'bad', ...explainCode('unauthenticated'), link });
  });
  useEffect(() => {
    if (signOutReason === 'ended') showNotice();
  }, [signOutReason]);
  return null;
}
