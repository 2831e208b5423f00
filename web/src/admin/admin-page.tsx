import { SignInAsAdmin } from '../auth/sign-in-as-admin.js';
import { useAuth } from '../auth/use-auth.js';
import { Page } from '../page/page.js';
import { texts } from '../texts/texts.js';
import { ButtonLink } from '../ui/button.js';
import { DropList } from './drop-list.js';

/** All drops, and the way to a new one. */
export function AdminPage() {
  const { isAdmin } = useAuth();
  if (!isAdmin) return <SignInAsAdmin title={texts.admin.title} />;
  const newDrop = (
    <ButtonLink href="/admin/new" look="hot">
      {texts.admin.newDrop}
    </ButtonLink>
  );
  return (
    <Page title={texts.admin.title} aside={newDrop}>
      <DropList />
    </Page>
  );
}
