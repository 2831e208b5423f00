import type { ReactNode } from 'react';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { useAuth, type User } from './use-auth.js';

/** What is somebody's own: asks everybody else to sign in first. */
export function SignedInOnly({ children }: { readonly children: (user: User) => ReactNode }) {
  const { user, absence } = useAuth();
  const signInHref = useSignInHref();
  if (user) return children(user);
  return (
    <Message
      title={absence === 'ended' ? 'Your session has ended' : 'Sign in to see this'}
      action={<ButtonLink href={signInHref}>Sign in</ButtonLink>}
    >
      {absence === 'ended' ? 'Sign in again to go on. Holds that still run are kept.' : 'It is kept with your account.'}
    </Message>
  );
}
