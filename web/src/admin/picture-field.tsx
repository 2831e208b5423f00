import { Field } from '../ui/field.js';
import { PICTURES, pathOf } from './pictures.js';
import styles from './picture-field.module.css';

interface PictureFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
}

/** The address of a picture: one's own, or one of those that are there. */
export function PictureField({ value, onChange, error }: PictureFieldProps) {
  return (
    <div className={styles.field}>
      <Field
        label="Picture"
        name="imageUrl"
        hint="An address, a path on this server, or one of these; none is fine, too."
        error={error}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
      <ul className={styles.pictures} aria-label="Pictures of this server">
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
