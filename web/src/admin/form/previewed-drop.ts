import type { Drop } from '../../api/client.js';
import { texts as words } from '../../texts/texts.js';
import { DROP_FIELDS, type CreateDropBody } from './drop-fields.js';

/** What the ticket of a drop shows. */
export type PreviewedDrop = Pick<
  Drop,
  | 'name'
  | 'price'
  | 'currency'
  | 'description'
  | 'imageUrl'
  | 'status'
  | 'availableStock'
  | 'reservedStock'
  | 'soldStock'
  | 'totalStock'
  | 'dropStartsAt'
  | 'topPurchasers'
>;

type PreviewedTexts = Readonly<
  Record<
    keyof CreateDropBody & ('name' | 'price' | 'currency' | 'description' | 'imageUrl' | 'dropStartsAt' | 'dropEndsAt'),
    string
  >
>;

/** States that do not depend on what the form contains. */
const FIXED: readonly Drop['status'][] = ['paused', 'cancelled'];

/**
 * The drop as buyers would see it with these texts. Texts that the API would refuse are left out.
 *
 * @param drop without these texts. Its stock is shown.
 * @param now ms since 1970, by the server's clock.
 */
export function previewOf(texts: PreviewedTexts, drop: PreviewedDrop, now: number): PreviewedDrop {
  const { name, price, currency, description, imageUrl } = texts;
  const start = timeOf(texts.dropStartsAt) ?? now;
  const end = timeOf(texts.dropEndsAt) ?? Infinity;
  const open = drop.availableStock > 0 ? 'live' : 'sold_out';
  const status = end <= now ? 'ended' : start > now ? 'scheduled' : open;
  return {
    ...drop,
    name: name.trim() || words.admin.unnamed,
    price: /^\d+(\.\d+)?$/.test(price.trim()) ? price.trim() : drop.price,
    currency: currency || drop.currency,
    description: description.trim() || null,
    imageUrl: isPicture(imageUrl.trim()) ? imageUrl.trim() : null,
    dropStartsAt: new Date(start).toISOString(),
    status: FIXED.includes(drop.status) ? drop.status : status,
  };
}

/** A drop that does not exist yet, with the units of the form. */
export function newDrop(units: string): PreviewedDrop {
  const parsed = DROP_FIELDS.totalStock.parse(units);
  const totalStock = Number.isInteger(parsed) && parsed > 0 ? parsed : 1;
  return {
    name: '',
    price: '0',
    currency: 'USD',
    description: null,
    imageUrl: null,
    status: 'live',
    availableStock: totalStock,
    reservedStock: 0,
    soldStock: 0,
    totalStock,
    dropStartsAt: new Date(0).toISOString(),
    topPurchasers: [],
  };
}

function timeOf(text: string): number | null {
  const time = text === '' ? NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** A part of a URL, as it is typed, is none. */
function isPicture(url: string): boolean {
  return /^\/[^/\\]/.test(url) || (/^https?:\/\//.test(url) && URL.canParse(url));
}
