import { texts } from '../texts/texts.js';
import { Field } from '../ui/field.js';

const MAX_REASON_LENGTH = 500;

/** Why an admin makes a change, in a dialog that confirms it. */
export function ReasonField() {
  return (
    <Field
      label={texts.admin.reason}
      name="reason"
      maxLength={MAX_REASON_LENGTH}
      autoComplete="off"
      hint={texts.admin.reasonHint}
    />
  );
}

/** The body of a request with the reason that was entered, if there is one. */
export function withReason(values: FormData): { readonly reason?: string } {
  const text = values.get('reason');
  return typeof text === 'string' && text.trim() !== '' ? { reason: text.trim() } : {};
}
