import { Page } from '../shell/page.js';

export function SignInPage() {
  return (
    <Page title="Sign in">
      <p>Nothing here yet.</p>
    </Page>
  );
}
