import type { ReactNode } from 'react';
import { texts } from '../texts/texts.js';
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
      <h1>{texts.page.name}</h1>
      <div role="alert">
        <Message
          title={texts.shell.failed.title}
          action={
            <Button
              onClick={() => {
                window.location.reload();
              }}
            >
              {texts.shell.failed.reload}
            </Button>
          }
        >
          {texts.shell.failed.text}
        </Message>
      </div>
    </main>
  );
}
