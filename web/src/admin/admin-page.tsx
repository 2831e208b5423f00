import { SignInAsAdmin } from '../auth/sign-in-as-admin.js';
import { useAuth } from '../auth/use-auth.js';
import { Page } from '../page/page.js';
import { ButtonLink } from '../ui/button.js';
import { DropList } from './drop-list.js';

/** All drops, and the way to a new one. */
export function AdminPage() {
  const { isAdmin } = useAuth();
  if (!isAdmin) return <SignInAsAdmin title="Admin" />;
  const newDrop = (
    <ButtonLink href="/admin/new" look="hot">
      New drop
    </ButtonLink>
  );
  return (
    <Page title="Admin" aside={newDrop}>
      <DropList />
    </Page>
  );
}
