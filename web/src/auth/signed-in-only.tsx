import type { ReactNode } from 'react';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { useAuth, type User } from './use-auth.js';

interface SignedInOnlyProps {
  /** Heading of the message without an account. */
  readonly title?: string;
  readonly children: (user: User) => ReactNode;
}

/** Content that needs an account: without one, a link to sign in. */
export function SignedInOnly({ title = 'Sign in to see this', children }: SignedInOnlyProps) {
  const { user, signOutReason } = useAuth();
  const signInHref = useSignInHref();
  if (user) return children(user);
  return (
    <Message
      title={signOutReason === 'ended' ? 'Your session has ended' : title}
      action={<ButtonLink href={signInHref}>Sign in</ButtonLink>}
    >
      {signOutReason === 'ended'
        ? 'Sign in again to continue. Your reservations are kept until they expire.'
        : 'This page needs an account.'}
    </Message>
  );
}
