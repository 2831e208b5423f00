import { Page } from '../shell/page.js';

export function DashboardPage() {
  return (
    <Page title="Dashboard">
      <p>Nothing here yet.</p>
    </Page>
  );
}
