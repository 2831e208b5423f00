import type { FormField } from '../../forms/form-fields.js';
import { texts } from '../../texts/texts.js';
import { Field } from '../../ui/field.js';
import { PICTURES, pathOf } from './pictures.js';
import styles from './picture-field.module.css';

interface PictureFieldProps {
  readonly field: Pick<FormField<unknown>, 'label' | 'hint' | 'autoComplete'>;
  readonly value: string;
  readonly note?: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** The URL of a picture: any, or that of a picture of this server. */
export function PictureField({ field, value, note, error, onChange }: PictureFieldProps) {
  const { label, hint, autoComplete } = field;
  return (
    <div className={styles.field}>
      <Field
        label={label}
        name="imageUrl"
        hint={note ?? hint}
        autoComplete={autoComplete}
        error={error}
        value={value}
        onChange={({ target }) => {
          onChange(target.value);
        }}
      />
      <ul className={styles.pictures} aria-label={texts.admin.fields.pictures}>
        {PICTURES.map((picture) => (
          <li key={picture}>
            <button
              type="button"
              className={styles.picture}
              aria-pressed={value === pathOf(picture)}
              onClick={() => {
                onChange(value === pathOf(picture) ? '' : pathOf(picture));
              }}
            >
              <img src={pathOf(picture)} alt={picture.replace('-', ' ')} width={80} height={60} loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
