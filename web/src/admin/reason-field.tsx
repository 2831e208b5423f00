import { Field } from '../ui/field.js';

const MAX_REASON_LENGTH = 500;

/** Why an admin makes a change, in a dialog that confirms it. */
export function ReasonField() {
  return (
    <Field
      label="Reason"
      name="reason"
      maxLength={MAX_REASON_LENGTH}
      autoComplete="off"
      hint="Optional. Kept in the history of the drop, for admins."
    />
  );
}

/** The body of a request with the reason that was entered, if there is one. */
export function withReason(values: FormData): { readonly reason?: string } {
  const text = values.get('reason');
  return typeof text === 'string' && text.trim() !== '' ? { reason: text.trim() } : {};
}
