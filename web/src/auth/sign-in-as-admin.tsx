import { Page } from '../page/page.js';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { SignedInOnly } from './signed-in-only.js';

/** Shown instead of the page with this title, which is for admins, to all others. */
export function SignInAsAdmin({ title }: { readonly title: string }) {
  const signInHref = useSignInHref();
  return (
    <Page title={title}>
      <SignedInOnly title="Sign in as an admin">
        {({ username }) => (
          <Message title="Sign in as an admin" action={<ButtonLink href={signInHref}>Use another account</ButtonLink>}>
            {`This page is for admins, and ${username} is not one.`}
          </Message>
        )}
      </SignedInOnly>
    </Page>
  );
}
