import { Page } from '../shell/page.js';

export function PurchasesPage() {
  return (
    <Page title="My purchases">
      <p>Nothing here yet.</p>
    </Page>
  );
}
