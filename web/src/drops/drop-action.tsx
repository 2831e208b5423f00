import type { Drop } from '../api/client.js';
import { useAuth } from '../auth/use-auth.js';
import { HoldPanel } from '../holds/hold-panel.js';
import { useHoldRecords } from '../holds/hold-records.js';
import { useReserve } from '../holds/use-hold-actions.js';
import { useHoldOf } from '../holds/use-holds.js';
import { useServices } from '../services/services.js';
import { useSecondsUntil, type Freshness } from '../services/use-live.js';
import { OfferButton } from '../ticket/offer-button.js';
import { useKeptFocus } from '../ui/kept-focus.js';
import styles from './drop-action.module.css';
import { useOffer } from './use-offer.js';

interface DropActionProps {
  readonly drop: Drop;
  readonly freshness: Freshness;
  readonly isCompact?: boolean;
}

/** The action that a drop offers now: reserve a unit, or buy or release the one that is reserved. */
export function DropAction({ drop, freshness, isCompact = false }: DropActionProps) {
  const hold = useHoldOf(drop.id);
  const { user } = useAuth();
  const kept = useKeptFocus(hold?.id);
  return (
    <div {...kept} className={styles.action} data-action={drop.id}>
      {hold ? (
        <HoldPanel hold={hold} drop={drop} isCompact={isCompact} />
      ) : (
        <ReserveButton key={user?.id} drop={drop} isOld={freshness === 'old'} />
      )}
    </div>
  );
}

function ReserveButton({ drop, isOld }: { readonly drop: Drop; readonly isOld: boolean }) {
  const { reserveIntent } = useServices();
  const reserve = useReserve(drop);
  const waitSeconds = useSecondsUntil(useHoldRecords().coolDowns.get(drop.id));
  const { offer, owned } = useOffer(drop, waitSeconds > 0);
  return (
    <OfferButton
      drop={drop}
      offer={offer}
      owned={owned}
      waitSeconds={waitSeconds}
      isOld={isOld}
      isBusy={reserve.isPending}
      onClick={() => {
        if (offer === 'reserve') reserve.submit();
        else reserveIntent.open(drop);
      }}
    />
  );
}
