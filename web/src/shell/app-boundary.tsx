import type { ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { ErrorBoundary } from '../page/error-boundary.js';
import styles from './shell.module.css';

/** Around the whole application: shows an error instead of a blank window. */
export function AppBoundary({ children }: { readonly children: ReactNode }) {
  return <ErrorBoundary fallback={() => <AppFailure />}>{children}</ErrorBoundary>;
}

function AppFailure() {
  return (
    <main className={styles.failure}>
      <h1>Drop Inventory</h1>
      <div role="alert">
        <Message
          title="The shop cannot be shown"
          action={
            <Button
              onClick={() => {
                window.location.reload();
              }}
            >
              Reload the page
            </Button>
          }
        >
          An error occurred in the page. Your reservations and orders are not affected.
        </Message>
      </div>
    </main>
  );
}
