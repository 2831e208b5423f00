import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Drop } from '../api/client.js';
import { explain, explainCode } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { DROP_REFRESH_MS, dropQuery } from '../api/queries.js';
import { useFollow } from '../services/use-live.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { Button, ButtonLink } from '../ui/button.js';
import { Loading } from '../ui/loading.js';
import { Message } from '../ui/message.js';
import { Page } from './page.js';

interface LoadedDropProps {
  readonly id: string;
  /** The title until the drop is loaded. */
  readonly title?: string;
  /** The way to another page if the drop cannot be loaded. Left out: to the list, if there is no such drop. */
  readonly back?: ReactNode;
  /** The page of the drop, which is followed; for its current state see `useDrop`. */
  readonly children: (fetched: Drop) => ReactNode;
}

/** Loads a drop and shows its page, or why it cannot be shown. */
export function LoadedDrop({ id, title = texts.page.drop.title, back, children }: LoadedDropProps) {
  const { api } = useServices();
  const query = useQuery({ ...dropQuery(api, id), refetchInterval: DROP_REFRESH_MS });
  // No event covers a deleted drop: the API answers that it was not found.
  const isUnknown = isProblemOf(query.error, 'drop-not-found') || isProblemOf(query.error, 'validation-failed');
  useFollow(query.data && !isUnknown ? [query.data.id] : []);
  if (query.data && !isUnknown) return children(query.data);
  if (!query.error) {
    return (
      <Page title={title}>
        <Loading />
      </Page>
    );
  }
  return (
    <Page title={title}>
      <Message
        title={isUnknown ? explainCode('drop-not-found').title : explain(query.error).title}
        action={
          <>
            {!isUnknown && <Button onClick={() => void query.refetch()}>{texts.common.tryAgain}</Button>}
            {back ?? (isUnknown && <ButtonLink href="/">{texts.common.browseDrops}</ButtonLink>)}
          </>
        }
      >
        {isUnknown ? explainCode('drop-not-found').text : texts.page.drop.notLoaded}
      </Message>
    </Page>
  );
}
