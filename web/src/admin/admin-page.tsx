import { Page } from '../shell/page.js';

export function AdminPage() {
  return (
    <Page title="Admin">
      <p>Nothing here yet.</p>
    </Page>
  );
}
