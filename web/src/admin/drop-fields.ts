import type { components } from '../api/contract.js';
import { asNumber, asText, asTime, asTrimmedText, optional, type FormFields } from '../forms/form-fields.js';

/** Every drop that the form creates is published at once. */
export type CreateDropBody = Omit<components['schemas']['CreateDropBody'], 'published'>;

/** The form of a new drop. A new field of a drop needs an entry here, and nothing else in the form. */
export const DROP_FIELDS: FormFields<CreateDropBody> = {
  name: { label: 'Name', type: 'text', maxLength: 200, required: true, autoComplete: 'off', parse: asText },
  price: {
    label: 'Price',
    type: 'text',
    inputMode: 'decimal',
    placeholder: '175.00',
    required: true,
    isNarrow: true,
    parse: asTrimmedText,
  },
  totalStock: { label: 'Units', type: 'number', min: 1, required: true, isNarrow: true, parse: asNumber },
  dropStartsAt: {
    label: 'Opens',
    type: 'datetime-local',
    hint: 'In your time zone. Default: now.',
    parse: optional(asTime),
  },
  dropEndsAt: {
    label: 'Ends',
    type: 'datetime-local',
    hint: 'In your time zone. Default: never.',
    parse: optional(asTime),
  },
  limitPerUser: {
    label: 'Limit per customer',
    type: 'number',
    min: 1,
    hint: 'Units reserved and bought. Default: no limit.',
    parse: optional(asNumber),
  },
  holdSeconds: {
    label: 'Seconds in a cart',
    type: 'number',
    min: 10,
    hint: 'How long a reservation lasts. Default: as long as the shop’s setting says.',
    parse: optional(asNumber),
  },
  imageUrl: {
    label: 'Picture',
    type: 'text',
    hint: 'A URL, a path on this server, or one of these. Optional.',
    parse: optional(asText),
  },
};
