import type { Drop } from '../api/client.js';
import { isProblemOf } from '../api/problem.js';
import { useAuth } from '../auth/use-auth.js';
import { HoldPanel } from '../holds/hold-panel.js';
import { useReserve } from '../holds/use-hold-actions.js';
import { useHoldOf } from '../holds/use-holds.js';
import { useServices } from '../services/services.js';
import { useSecondsUntil, type Freshness } from '../services/use-live.js';
import { ACTION_LABELS, ActionButton } from '../ticket/action-button.js';
import { useKeptFocus } from '../ui/kept-focus.js';
import { statusLabel } from '../ui/status-tag.js';
import { countdown } from '../ui/times.js';
import styles from './drop-action.module.css';

interface DropActionProps {
  readonly drop: Drop;
  readonly freshness: Freshness;
  readonly isCompact?: boolean;
}

/** The action that a drop offers now: reserve a unit, or buy or cancel the one that is reserved. */
export function DropAction({ drop, freshness, isCompact = false }: DropActionProps) {
  const hold = useHoldOf(drop.id);
  const { user } = useAuth();
  const kept = useKeptFocus(hold?.id);
  return (
    <div {...kept} className={styles.action}>
      {hold ? (
        <HoldPanel hold={hold} drop={drop} isCompact={isCompact} />
      ) : (
        <ReserveButton key={user?.id} drop={drop} isOld={freshness === 'old'} />
      )}
    </div>
  );
}

function ReserveButton({ drop, isOld }: { readonly drop: Drop; readonly isOld: boolean }) {
  const { user } = useAuth();
  const { reserveIntent } = useServices();
  const reserve = useReserve(drop);
  // After a refusal because of reservations that were not bought.
  const waitSeconds = useSecondsUntil(
    isProblemOf(reserve.error, 'cool-down') ? reserve.error.problem.retryAt : undefined,
  );
  const isOpen = drop.status === 'live' && waitSeconds === 0;
  const label = reserve.isPending
    ? 'Reserving …'
    : drop.status === 'live' && waitSeconds > 0
      ? `Again in ${countdown(waitSeconds * 1_000)}`
      : labelOf(drop.status, isOld);
  return (
    <ActionButton
      isOpen={isOpen}
      isBusy={reserve.isPending}
      aria-label={`${label}: ${drop.name}`}
      onClick={() => {
        if (!isOpen) return;
        if (user) reserve.submit();
        else reserveIntent.open(drop);
      }}
    >
      {label}
    </ActionButton>
  );
}

function labelOf(status: Drop['status'], isOld: boolean): string {
  return isOld && status !== 'live' ? statusLabel(status, isOld) : ACTION_LABELS[status];
}
