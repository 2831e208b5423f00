import { useState } from 'react';
import { SignInAsAdmin } from '../auth/sign-in-as-admin.js';
import { useAuth } from '../auth/use-auth.js';
import { Page } from '../page/page.js';
import styles from './admin-page.module.css';
import { ChangeNote } from './change-note.js';
import { CreateDrop } from './create-drop.js';
import { DropRows } from './drop-rows.js';

/** Creates drops, and shows all of them. */
export function AdminPage() {
  const { isAdmin } = useAuth();
  return <Page title="Admin">{isAdmin ? <AdminDesk /> : <SignInAsAdmin />}</Page>;
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
