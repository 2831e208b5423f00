import { useEffect, useEffectEvent } from 'react';
import { useLocation } from 'wouter';
import { explainCode } from '../api/explain.js';
import { useServices } from '../services.js';
import { signInHref } from './sign-in-href.js';
import { useAuth } from './use-auth.js';

/** Says so when the server has ended the session, on whatever page. */
export function SessionEnd() {
  const { notices } = useServices();
  const { absence } = useAuth();
  const [path] = useLocation();
  const say = useEffectEvent(() => {
    const link = { href: signInHref(path), label: 'Sign in' };
    notices.say({ tone: 'bad', ...explainCode('unauthenticated'), link });
  });
  useEffect(() => {
    if (absence === 'ended') say();
  }, [absence]);
  return null;
}
