import { Suspense, useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { useSearch } from 'wouter';
import { useServices } from '../services/services.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Loading } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { useMarkRetry } from './navigation-type.js';
import { ErrorBoundary } from './error-boundary.js';
import { PageLoadError } from './lazy-page.js';
import { Page } from './page.js';

/** Around one page: shows that it loads, or that it failed and how to retry. The rest of the application keeps working. */
export function PageBoundary({ children }: { readonly children: ReactNode }) {
  const [wasRetried, setWasRetried] = useState(false);
  const markRetry = useMarkRetry();
  return (
    <ErrorBoundary
      fallback={(error, retry) => (
        <PageFailure
          error={error}
          hasFocus={wasRetried}
          onRetry={(byUser) => {
            setWasRetried(byUser);
            if (byUser) markRetry();
            retry();
          }}
        />
      )}
    >
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </ErrorBoundary>
  );
}

interface PageFailureProps {
  readonly error: unknown;
  /** @param byUser The button was used, and receives the focus again if the page fails again. */
  readonly onRetry: (byUser: boolean) => void;
  readonly hasFocus: boolean;
}

function PageFailure({ error, onRetry, hasFocus }: PageFailureProps) {
  const { queries } = useServices();
  const search = useSearch();
  const failedAt = useRef(search);
  const action = useRef<HTMLDivElement>(null);
  const isLoadError = error instanceof PageLoadError;
  const isOffline = !navigator.onLine;

  function retry(byUser = false): void {
    if (isLoadError) error.reset();
    // The page may fail because of data that it fetched.
    else queries.removeQueries({ type: 'inactive' });
    onRetry(byUser);
  }

  const retryAutomatically = useEffectEvent(() => {
    retry();
  });
  useEffect(() => {
    if (!isLoadError) return undefined;
    const online = () => {
      retryAutomatically();
    };
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('online', online);
      // The next visit of the page imports it again.
      error.reset();
    };
  }, [isLoadError, error]);
  useEffect(() => {
    if (search !== failedAt.current) retryAutomatically();
  }, [search]);
  useEffect(() => {
    if (hasFocus) action.current?.querySelector('button')?.focus();
  }, [hasFocus]);

  return (
    <Page title={isLoadError ? 'Not loaded' : 'Something went wrong'}>
      <div role="alert" ref={action}>
        <Message
          title={titleOf(isLoadError, isOffline)}
          action={
            <>
              <Button
                onClick={() => {
                  retry(true);
                }}
              >
                Try again
              </Button>
              <ButtonLink href="/" look="quiet">
                See all drops
              </ButtonLink>
            </>
          }
        >
          {textOf(isLoadError, isOffline)}
        </Message>
      </div>
    </Page>
  );
}

function titleOf(isLoadError: boolean, isOffline: boolean): string {
  if (!isLoadError) return 'This page cannot be shown';
  return isOffline ? 'There is no network' : 'This page could not be loaded';
}

function textOf(isLoadError: boolean, isOffline: boolean): string {
  if (!isLoadError) return 'An error occurred in the page. Try again, or load the page again in your browser.';
  return isOffline
    ? 'This page was not loaded before the network was lost. It opens when the network is back.'
    : 'Check your connection and try again. If that does not help, load the page again in your browser.';
}
