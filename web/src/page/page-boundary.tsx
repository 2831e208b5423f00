import { Suspense, useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { useSearch } from 'wouter';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
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
  const { title, heading, text } = wordsOf(isLoadError, !navigator.onLine);

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
    <Page title={title}>
      <div role="alert" ref={action}>
        <Message
          title={heading}
          action={
            <>
              <Button
                onClick={() => {
                  retry(true);
                }}
              >
                {texts.common.tryAgain}
              </Button>
              <ButtonLink href="/" look="quiet">
                {texts.common.browseDrops}
              </ButtonLink>
            </>
          }
        >
          {text}
        </Message>
      </div>
    </Page>
  );
}

function wordsOf(isLoadError: boolean, isOffline: boolean) {
  if (!isLoadError) return texts.page.failed;
  return { ...texts.page.notLoaded, ...(isOffline && texts.page.offline) };
}
