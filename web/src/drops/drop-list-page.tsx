import { Page } from '../shell/page.js';

export function DropListPage() {
  return (
    <Page title="Drops">
      <p>Nothing here yet.</p>
    </Page>
  );
}
