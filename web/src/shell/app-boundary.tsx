import type { ReactNode } from 'react';
import { Button } from '../ui/button.js';
import { Message } from '../ui/message.js';
import { ErrorBoundary } from '../page/error-boundary.js';
import styles from './shell.module.css';

/** Around everything: what fails outside of a page is said too, instead of a blank window. */
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
              Load the page again
            </Button>
          }
        >
          An error occurred in the page. It does not change what you hold or have bought.
        </Message>
      </div>
    </main>
  );
}
