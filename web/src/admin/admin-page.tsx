import { useState } from 'react';
import { SignedInOnly } from '../auth/signed-in-only.js';
import { Page } from '../page/page.js';
import { ButtonLink } from '../ui/button.js';
import { Message } from '../ui/message.js';
import styles from './admin-page.module.css';
import { ChangeNote } from './change-note.js';
import { CreateDrop } from './create-drop.js';
import { DropRows } from './drop-rows.js';

/** Creates drops, and shows all of them. */
export function AdminPage() {
  return (
    <Page title="Admin">
      <SignedInOnly title="Sign in as an admin">
        {({ role, username }) =>
          role === 'admin' ? (
            <AdminDesk />
          ) : (
            <Message
              title="Sign in as an admin"
              action={<ButtonLink href="/sign-in?next=/admin">Use another account</ButtonLink>}
            >
              {`This page is for admins, and ${username} is not one.`}
            </Message>
          )
        }
      </SignedInOnly>
    </Page>
  );
}

function AdminDesk() {
  const [created, setCreated] = useState<string | null>(null);
  return (
    <div className={styles.desk}>
      <div className={styles.side}>
        <CreateDrop
          onCreated={({ id }) => {
            setCreated(id);
          }}
        />
        <ChangeNote />
      </div>
      <section aria-labelledby="all-drops" className={styles.drops}>
        <h2 id="all-drops" className={styles.title}>
          All drops, live
        </h2>
        <DropRows created={created} />
      </section>
    </div>
  );
}
