import { ApiError } from '../api/problem.js';
import { texts } from '../texts/texts.js';

/** One field of a form: how it is shown, and how its text becomes a value of the request body. */
export interface FormField<Value> {
  readonly label: string;
  readonly type: 'text' | 'email' | 'password' | 'number' | 'datetime-local';
  readonly hint?: string;
  readonly required?: boolean;
  readonly autoComplete?: string;
  readonly inputMode?: 'decimal' | 'numeric';
  readonly placeholder?: string;
  readonly min?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Shown beside the next field, if both are narrow. */
  readonly isNarrow?: boolean;
  /** Validates nothing: the API does. `undefined` leaves the field out of the body. */
  readonly parse: (text: string) => Value;
  /** The text of a value, the inverse of `parse`. Left out: `String(value)`. */
  format?(value: NonNullable<Value>): string;
}

/**
 * The fields of a request body, in the order of the form. A map that lacks a field of the body, or has one that the body
 * does not have, does not compile.
 */
export type FormFields<Body> = { readonly [Name in keyof Body]-?: FormField<Body[Name]> };

/** What the fields of a form contain. */
export type FormTexts<Body> = { readonly [Name in keyof Body]-?: string };

export type FieldErrors<Body> = { readonly [Name in keyof Body]?: string };

export const asText = (text: string) => text;
export const asTrimmedText = (text: string) => text.trim();
/** What is not a number becomes `null` in JSON, which the API refuses. */
export const asNumber = (text: string) => Number(text);
/** A time of this machine's calendar and time zone, as ISO 8601 in UTC. */
export function asTime(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
/** The inverse of {@link asTime}, in minutes, as the browser's field shows it. */
export function asLocalTime(time: string): string {
  const local = new Date(time);
  local.setMinutes(local.getMinutes() - local.getTimezoneOffset());
  return local.toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length);
}
export const optional =
  <Value>(parse: (text: string) => Value) =>
  (text: string) =>
    text.trim() === '' ? undefined : parse(text.trim());

/** The request body that a form was filled in with. */
export function readBody<Body extends object>(fields: FormFields<Body>, form: FormData): Body {
  const values = Object.entries<FormField<unknown>>(fields).map(([name, { parse }]) => {
    const text = form.get(name);
    return [name, parse(typeof text === 'string' ? text : '')] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Body;
}

/** The texts of a form that shows these values, the inverse of {@link readBody}. A value that is missing or null is an empty text. */
export function textsOf<Body extends object>(fields: FormFields<Body>, values: object): FormTexts<Body> {
  const known = new Map(Object.entries<unknown>({ ...values }));
  const texts = Object.entries<FormField<unknown>>(fields).map(([name, { format = String }]) => {
    const value = known.get(name) ?? null;
    return [name, value === null ? '' : format(value)] as const;
  });
  return Object.fromEntries(texts) as FormTexts<Body>;
}

/** What the API says about single fields of the form, with their labels, by their names. */
export function errorsByField<Body extends object>(fields: FormFields<Body>, error: Error | null): FieldErrors<Body> {
  if (!(error instanceof ApiError)) return {};
  const labels = new Map(Object.entries<FormField<unknown>>(fields).map(([name, { label }]) => [name, label]));
  const errors = (error.problem.errors ?? []).flatMap(({ path, message }) => {
    const name = path.replace(/^body\./, '');
    const label = labels.get(name);
    return label === undefined ? [] : [[name, texts.forms.fieldError(label, message)] as const];
  });
  return Object.fromEntries(errors) as FieldErrors<Body>;
}
