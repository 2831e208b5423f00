import type { Drop } from '../api/client.js';
import { texts } from '../texts/texts.js';
import { StatusTag } from '../ui/status-tag.js';

interface DropTagProps {
  readonly drop: Pick<Drop, 'status' | 'reservedStock'>;
  /** The current state is not known. */
  readonly isOld: boolean;
  readonly className?: string | undefined;
}

/** The state of a drop as a tag. While held units may come back, the drop is not sold out yet. */
export function DropTag({ drop: { status, reservedStock }, isOld, className }: DropTagProps) {
  const isAllHeld = status === 'sold_out' && reservedStock > 0;
  return (
    <StatusTag
      status={status}
      isOld={isOld}
      className={className}
      label={isAllHeld && !isOld ? texts.ticket.allHeld : undefined}
    />
  );
}
