import type { FeedEvents } from '../../../src/client/index.js';
import type { Reservation } from '../api/client.js';
import { explainCode } from '../api/explain.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { useHoldRecords } from './hold-records.js';

/** Why a hold ended that its owner has not ended. */
export type EndReason = NonNullable<Parameters<FeedEvents['reservation_update']>[0]['reason']> | 'expired';

const TEXTS = texts.holds.ended;

/** What the shop has done. A hold that was released for another reason is reported like one that expired. */
const ENDED_BY_SHOP: Partial<Record<EndReason, { readonly title: string; readonly text: string }>> = {
  'drop-cancelled': TEXTS.dropCancelled,
  'released-by-admin': TEXTS.releasedByShop,
};

/** Shows why a hold has ended. */
export function useReportEnd() {
  const { notices } = useServices();
  const records = useHoldRecords();
  return ({ id, dropId }: Reservation, reason: EndReason, name: string | undefined): void => {
    records.settled.add(id);
    const byShop = ENDED_BY_SHOP[reason];
    const { title, text } = byShop ?? explainCode('reservation-expired');
    notices.show({
      tone: 'plain',
      topic: dropId,
      title: name ? texts.common.of(title, name) : title,
      text,
      link: { href: `/drops/${dropId}`, label: byShop ? TEXTS.seeDrop : texts.common.tryAgain },
    });
  };
}
