import { Page } from '../shell/page.js';

export function HoldsPage() {
  return (
    <Page title="My holds">
      <p>Nothing here yet.</p>
    </Page>
  );
}
