import { setTimeout as sleep } from 'node:timers/promises';
import { DropNotFoundError } from '../inventory/inventory-errors.js';
import type { PageHead } from './page-head.js';
import { getLimited, type LimitRead } from '../lib/http/read-limit.js';
import { once } from '../lib/once.js';
import { createTtlCache } from '../lib/ttl-cache.js';
import type { DropResponse } from '../modules/drops/drops.schema.js';

/** Any number of clients that open one drop cost one query in this time. */
const MAX_AGE_MS = 1_000;
const MAX_PREVIEWS = 1_000;
/** After this time without the database's response, the page is sent without the drop. */
const TIMEOUT_MS = 2_000;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Of the text that comes before the price and the state. Most previews cut off what follows. */
const MAX_DESCRIPTION_LENGTH = 200;
/** For drops without an image. */
const DEFAULT_IMAGE = '/share.png';

/** Made for the first preview: loading the data of the locales takes longer than a module of this service. */
const formats = once(() => ({
  count: new Intl.NumberFormat('en-US'),
  opening: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }),
}));

interface DropPreviewsOptions {
  /** One drop as anonymous clients see it, by its id in lower case. @throws {DropNotFoundError} */
  readonly getDrop: (id: string) => Promise<DropResponse>;
  readonly publicUrl: string;
}

interface DropPreview {
  readonly head: PageHead;
  readonly isFound: boolean;
}

/** Describes a drop for the head of its page; null while the database does not answer, and the page loads without it. */
export type PreviewDrop = (id: string, limitRead: LimitRead) => Promise<DropPreview | null>;

export function createDropPreviews({ getDrop, publicUrl }: DropPreviewsOptions): PreviewDrop {
  const previews = createTtlCache<DropPreview>({ maxAgeMs: MAX_AGE_MS, maxEntries: MAX_PREVIEWS });

  async function read(id: string): Promise<DropPreview> {
    try {
      return { isFound: true, head: headOf(await getDrop(id.toLowerCase()), publicUrl) };
    } catch (error) {
      if (error instanceof DropNotFoundError) return notFound(id);
      throw error;
    }
  }

  function notFound(id: string): DropPreview {
    return {
      isFound: false,
      head: {
        title: 'Drop',
        description: 'There is no such drop.',
        url: `${publicUrl}/drops/${encodeURIComponent(id)}`,
        imageUrl: publicUrl + DEFAULT_IMAGE,
      },
    };
  }

  return async (id, limitRead) => {
    if (!UUID.test(id)) return notFound(id);
    const key = id.toLowerCase();
    try {
      return await Promise.race([
        getLimited(previews, key, () => read(key), limitRead),
        sleep(TIMEOUT_MS, null, { ref: false }),
      ]);
    } catch {
      return null;
    }
  };
}

function headOf(drop: DropResponse, publicUrl: string): PageHead {
  return {
    title: drop.name,
    description: [...beginningOf(drop.description), `${stockOf(drop)} ${stateOf(drop)}`].join(' '),
    url: `${publicUrl}/drops/${drop.id}`,
    imageUrl: drop.imageUrl === null ? publicUrl + DEFAULT_IMAGE : new URL(drop.imageUrl).href,
  };
}

/** The beginning of a description on one line, as long as previews show it. */
function beginningOf(description: string | null): string[] {
  const line = description?.replace(/\s+/g, ' ').trim() ?? '';
  const characters = Array.from(line);
  if (characters.length <= MAX_DESCRIPTION_LENGTH) return line === '' ? [] : [line];
  const cut = characters.slice(0, MAX_DESCRIPTION_LENGTH).join('');
  // At the end of a word, in languages that separate them.
  const end = cut.lastIndexOf(' ');
  return [`${end > 0 ? cut.slice(0, end) : cut} …`];
}

/** `1,200 at $175 each.` */
function stockOf({ totalStock, price, currency }: DropResponse): string {
  const units = formats().count.format(totalStock);
  if (Number(price) === 0) return `${units}, free of charge.`;
  const money = new Intl.NumberFormat('en-US', { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' });
  return `${units} at ${money.format(Number(price))} each.`;
}

function stateOf({ status, dropStartsAt }: DropResponse): string {
  switch (status) {
    case 'scheduled':
      return `Opens on ${formats().opening.format(new Date(dropStartsAt))} UTC.`;
    case 'live':
      return 'On sale now, counted live and never oversold.';
    case 'sold_out':
      return 'Sold out.';
    case 'paused':
      return 'Sales are paused.';
    case 'ended':
      return 'Sales have ended.';
    case 'cancelled':
      return 'This drop was cancelled.';
    default:
      return 'Counted live and never oversold.';
  }
}
