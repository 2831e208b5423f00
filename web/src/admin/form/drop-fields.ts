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
import { texts } from '../../texts/texts.js';
import { pictureSource } from '../../ui/picture-source.js';

export type CreateDropBody = components['schemas']['CreateDropBody'];
export type ChangeDropBody = components['schemas']['ChangeDropBody'];

const { fields } = texts.admin;

/** The form of a drop. A new field of a drop needs an entry here, and nothing else in the form. */
export const DROP_FIELDS: FormFields<CreateDropBody> = {
  name: { label: fields.name, type: 'text', maxLength: 200, required: true, autoComplete: 'off', parse: asText },
  description: { label: fields.description, type: 'text', hint: fields.descriptionHint, parse: optional(asText) },
  price: {
    label: fields.price,
    type: 'text',
    inputMode: 'decimal',
    placeholder: '175.00',
    required: true,
    autoComplete: 'off',
    isNarrow: true,
    parse: asTrimmedText,
  },
  currency: { label: fields.currency, type: 'text', isNarrow: true, parse: optional(asText) },
  totalStock: { label: fields.units, type: 'number', min: 1, required: true, isNarrow: true, parse: asNumber },
  limitPerUser: {
    label: fields.limit,
    type: 'number',
    min: 1,
    isNarrow: true,
    hint: fields.limitHint,
    parse: optional(asNumber),
  },
  dropStartsAt: {
    label: fields.start,
    type: 'datetime-local',
    hint: fields.startHint,
    parse: optional(asTime),
    format: asLocalTime,
  },
  dropEndsAt: {
    label: fields.end,
    type: 'datetime-local',
    hint: fields.endHint,
    parse: optional(asTime),
    format: asLocalTime,
  },
  holdSeconds: {
    label: fields.holdSeconds,
    type: 'number',
    min: 10,
    hint: fields.holdSecondsHint,
    parse: optional(asNumber),
  },
  imageUrl: {
    label: fields.picture,
    type: 'text',
    hint: fields.pictureHint,
    autoComplete: 'off',
    parse: optional(asText),
    format: asPath,
  },
  published: { label: fields.published, type: 'text', parse: (text) => text !== 'false' },
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
