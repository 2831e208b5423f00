import { Suspense, useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { useLocation } from 'wouter';
import { explain, type Explanation } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { signInHref } from '../auth/sign-in-href.js';
import { useAuth } from '../auth/use-auth.js';
import { useReserve } from '../holds/use-hold-actions.js';
import { ErrorBoundary } from '../page/error-boundary.js';
import { lazyPage, PageLoadError } from '../page/lazy-page.js';
import type { ReserveIntent } from '../services/reserve-intent.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';

export const SignInDialog = lazyPage(async () => (await import('../auth/form/sign-in-dialog.js')).SignInDialog);

/** Asks a visitor who reserves for an account, on the page where they are. */
export function SignInToReserve() {
  const { reserveIntent } = useServices();
  const { user, signOutReason } = useAuth();
  // For every navigation: the browser's back and forward work while the dialog is open.
  useLocation();
  const intent = useSyncExternalStore(reserveIntent.subscribe, reserveIntent.get);
  const isElsewhere = intent !== null && intent.path !== window.location.pathname;
  const isLost = intent?.isSent === true && !user;
  const stop = useEffectEvent(() => {
    // The account still exists: its user can sign in again.
    if (isLost && signOutReason === 'ended') reserveIntent.open(intent.drop);
    else reserveIntent.clear();
  });
  useEffect(() => {
    if (isElsewhere || isLost) stop();
  }, [isElsewhere, isLost]);
  if (!intent || isElsewhere || isLost || user) return null;
  return (
    <ErrorBoundary fallback={(error) => <DialogFailure error={error} />}>
      <Suspense fallback={null}>
        <SignInDialog />
      </Suspense>
    </ErrorBoundary>
  );
}

/** The code of the dialog could not be loaded: the page to sign in shows why, and how to retry. */
function DialogFailure({ error }: { readonly error: unknown }) {
  const { reserveIntent } = useServices();
  const [, navigate] = useLocation();
  useEffect(() => {
    if (error instanceof PageLoadError) error.reset();
    reserveIntent.clear();
    navigate(signInHref());
  }, [error, reserveIntent, navigate]);
  return null;
}

/** Reserves what a visitor wanted before signing in. To be remounted for each identity. */
export function ReserveAfterSignIn() {
  const { reserveIntent } = useServices();
  const { user } = useAuth();
  const [intent] = useState(reserveIntent.get);
  // Another account has replaced the one that sent the request.
  const isVoid = user !== null && intent?.isSent === true;
  useEffect(() => {
    if (isVoid) reserveIntent.clear();
  }, [isVoid, reserveIntent]);
  return user && intent && !intent.isSent && <Reserving drop={intent.drop} />;
}

function Reserving({ drop }: Pick<ReserveIntent, 'drop'>) {
  const reserve = useReserve(drop, (error) => explainTooLate(error, drop.name));
  const start = useEffectEvent(() => {
    reserve.submit();
    // The button that had the focus is removed with the page of the visitor.
    document.getElementById('main')?.focus({ preventScroll: true });
  });
  useEffect(() => {
    start();
  }, []);
  return null;
}

/** Why the drop that was open before the sign-in could not be reserved after it. */
function explainTooLate(error: unknown, name: string): Explanation {
  const words = texts.shell.tooLate;
  if (isProblemOf(error, 'sold-out')) {
    const { availability } = error.problem;
    return { title: availability === 'all_held' ? words.allHeld(name) : words.soldOut(name), text: '' };
  }
  if (isProblemOf(error, 'drop-ended')) return { title: words.ended(name), text: '' };
  return explain(error);
}
