import { useId } from 'react';
import { classNames } from '../../ui/class-names.js';
import field from '../../ui/field.module.css';
import styles from './description-field.module.css';
import { DROP_FIELDS } from './drop-fields.js';

interface DescriptionFieldProps {
  readonly value: string;
  readonly note?: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** The description of a drop, in several lines. */
export function DescriptionField({ value, note, error, onChange }: DescriptionFieldProps) {
  const id = useId();
  const { label, hint } = DROP_FIELDS.description;
  return (
    <div className={field.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name="description"
        rows={5}
        dir="auto"
        className={classNames(field.input, styles.text)}
        value={value}
        onChange={({ target }) => {
          onChange(target.value);
        }}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-note`}
      />
      <p id={`${id}-note`} className={error === undefined ? field.hint : field.error}>
        {error ?? note ?? hint}
      </p>
    </div>
  );
}
