import { useEffect, useEffectEvent } from 'react';
import { explainCode } from '../api/explain.js';
import { useServices } from '../services/services.js';
import { useSignInHref } from './sign-in-href.js';
import { useAuth } from './use-auth.js';

/** Says so when the server has ended the session, on whatever page. */
export function SessionEnd() {
  const { notices } = useServices();
  const { absence } = useAuth();
  const href = useSignInHref();
  const say = useEffectEvent(() => {
    const link = { href, label: 'Sign in' };
    notices.say({ tone: 'bad', ...explainCode('unauthenticated'), link });
  });
  useEffect(() => {
    if (absence === 'ended') say();
  }, [absence]);
  return null;
}
