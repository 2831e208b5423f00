import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { SignedInOnly } from './signed-in-only.js';

/** Shown instead of a page for admins, to all others. */
export function SignInAsAdmin() {
  const signInHref = useSignInHref();
  return (
    <SignedInOnly title="Sign in as an admin">
      {({ username }) => (
        <Message title="Sign in as an admin" action={<ButtonLink href={signInHref}>Use another account</ButtonLink>}>
          {`This page is for admins, and ${username} is not one.`}
        </Message>
      )}
    </SignedInOnly>
  );
}
