import { Page } from '../shell/page.js';

export function DropPage({ id }: { readonly id: string }) {
  return (
    <Page title="Drop">
      <p>{id}</p>
    </Page>
  );
}
