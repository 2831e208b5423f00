import { useId } from 'react';
import { texts } from '../../texts/texts.js';
import field from '../../ui/field.module.css';
import { DROP_FIELDS } from './drop-fields.js';

interface CurrencyFieldProps {
  readonly value: string;
  readonly note?: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** The currency of a price: one of those that the browser knows. */
export function CurrencyField({ value, note, error, onChange }: CurrencyFieldProps) {
  const id = useId();
  const { label, hint } = DROP_FIELDS.currency;
  const names = new Intl.DisplayNames(texts.language, { type: 'currency' });
  const known = Intl.supportedValuesOf('currency');
  const text = error ?? note ?? hint;
  return (
    <div className={field.field}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name="currency"
        className={field.input}
        value={value}
        onChange={({ target }) => {
          onChange(target.value);
        }}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={text === undefined ? undefined : `${id}-note`}
      >
        {(known.includes(value) ? known : [value, ...known]).map((code) => (
          <option key={code} value={code}>
            {texts.admin.fields.currencyOption(code, names.of(code) ?? code)}
          </option>
        ))}
      </select>
      {text !== undefined && (
        <p id={`${id}-note`} className={error === undefined ? field.hint : field.error}>
          {text}
        </p>
      )}
    </div>
  );
}
