import type { components } from '../../api/contract.js';
import {
  asLocalTime,
  asNumber,
  asText,
  asTime,
  asTrimmedText,
  optional,
  type FormField,
  type FormFields,
} from '../../forms/form-fields.js';
import { pictureSource } from '../../ui/picture-source.js';

export type CreateDropBody = components['schemas']['CreateDropBody'];
export type ChangeDropBody = components['schemas']['ChangeDropBody'];

/** The form of a drop. A new field of a drop needs an entry here, and nothing else in the form. */
export const DROP_FIELDS: FormFields<CreateDropBody> = {
  name: { label: 'Name', type: 'text', maxLength: 200, required: true, autoComplete: 'off', parse: asText },
  price: {
    label: 'Price',
    type: 'text',
    inputMode: 'decimal',
    placeholder: '175.00',
    required: true,
    autoComplete: 'off',
    isNarrow: true,
    parse: asTrimmedText,
  },
  totalStock: { label: 'Units', type: 'number', min: 1, required: true, isNarrow: true, parse: asNumber },
  dropStartsAt: {
    label: 'Start',
    type: 'datetime-local',
    hint: 'In your time zone. Empty: now.',
    parse: optional(asTime),
    format: asLocalTime,
  },
  dropEndsAt: {
    label: 'End',
    type: 'datetime-local',
    hint: 'In your time zone. Empty: never.',
    parse: optional(asTime),
    format: asLocalTime,
  },
  limitPerUser: {
    label: 'Limit per customer',
    type: 'number',
    min: 1,
    isNarrow: true,
    hint: 'Reserved and bought. Empty: no limit.',
    parse: optional(asNumber),
  },
  holdSeconds: {
    label: 'Seconds in a cart',
    type: 'number',
    min: 10,
    isNarrow: true,
    hint: 'To buy what is reserved. Empty: as the shop is set.',
    parse: optional(asNumber),
  },
  imageUrl: {
    label: 'Picture',
    type: 'text',
    hint: 'A URL, a path on this server, or one of these. Optional.',
    autoComplete: 'off',
    parse: optional(asText),
    format: asPath,
  },
  published: { label: 'When it is saved', type: 'text', parse: (text) => text !== 'false' },
};

/** The fields that can be changed afterwards. Units are put on sale and taken off by a request of their own. */
export const CHANGE_FIELDS = changeFields();

function changeFields(): FormFields<ChangeDropBody> {
  const { totalStock: _totalStock, published: _published, ...details } = DROP_FIELDS;
  const entries = Object.entries<FormField<unknown>>(details).map(([name, field]) => {
    // A field that was emptied removes its value.
    const parse = (text: string) => field.parse(text) ?? null;
    return [name, { ...field, parse }] as const;
  });
  // The fields are those of the other body, which has the same types and null in addition.
  return Object.fromEntries(entries) as unknown as FormFields<ChangeDropBody>;
}

/** The path of a picture of this server. The API returns it as a URL, which would outlive the address of the server. */
function asPath(imageUrl: string): string {
  const { origin } = window.location;
  const source = pictureSource(imageUrl, origin);
  return source.startsWith(`${origin}/`) ? source.slice(origin.length) : source;
}
