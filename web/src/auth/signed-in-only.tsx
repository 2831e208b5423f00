import type { ReactNode } from 'react';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { explainSignOut } from './sign-out-texts.js';
import { useAuth, type User } from './use-auth.js';

interface SignedInOnlyProps {
  /** Heading of the message without an account. */
  readonly title?: string;
  readonly children: (user: User) => ReactNode;
}

/** Content that needs an account: without one, a link to sign in. */
export function SignedInOnly({ title = texts.auth.signedInOnly.title, children }: SignedInOnlyProps) {
  const { user, signOutReason } = useAuth();
  const signInHref = useSignInHref();
  if (user) return children(user);
  const explanation = explainSignOut(signOutReason);
  const canSignIn = explanation?.canSignIn ?? true;
  return (
    <Message
      title={explanation?.title ?? title}
      action={
        canSignIn ? (
          <ButtonLink href={signInHref}>{texts.common.signIn}</ButtonLink>
        ) : (
          <ButtonLink href="/">{texts.common.browseDrops}</ButtonLink>
        )
      }
    >
      {explanation?.text ?? texts.auth.signedInOnly.text}
    </Message>
  );
}
