import { Page } from '../page/page.js';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { useSignInHref } from './sign-in-href.js';
import { SignedInOnly } from './signed-in-only.js';

/** Shown instead of the page with this title, which is for admins, to all others. */
export function SignInAsAdmin({ title }: { readonly title: string }) {
  const words = texts.auth.adminsOnly;
  const signInHref = useSignInHref();
  return (
    <Page title={title}>
      <SignedInOnly title={words.title}>
        {({ username }) => (
          <Message title={words.title} action={<ButtonLink href={signInHref}>{words.otherAccount}</ButtonLink>}>
            {words.text(username)}
          </Message>
        )}
      </SignedInOnly>
    </Page>
  );
}
