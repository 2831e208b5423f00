import { Page } from '../shell/page.js';

export function RegisterPage() {
  return (
    <Page title="Register">
      <p>Nothing here yet.</p>
    </Page>
  );
}
