import { explain } from '../api/explain.js';
import { texts } from '../texts/texts.js';
import { Button } from '../ui/button.js';
import { Skeleton } from '../ui/loading.js';
import { Message } from '../ui/message.js';

interface NotLoadedProps {
  /** Why the content could not be loaded; null while it loads. */
  readonly error: Error | null;
  readonly onRetry: () => void;
  /** Gives the placeholder the size of the content. */
  readonly className?: string | undefined;
}

/** Shown in place of content: a placeholder while it loads, or why it could not be loaded. */
export function NotLoaded({ error, onRetry, className }: NotLoadedProps) {
  if (error) {
    return (
      <Message title={explain(error).title} action={<Button onClick={onRetry}>{texts.common.tryAgain}</Button>}>
        {explain(error).text}
      </Message>
    );
  }
  return (
    <div role="status">
      <span className="visually-hidden">{texts.common.loading}</span>
      <Skeleton className={className} />
    </div>
  );
}
