import { texts } from '../../texts/texts.js';
import { DROP_FIELDS } from './drop-fields.js';
import styles from './published-field.module.css';

const CHOICES = [
  { value: 'true', label: texts.admin.publishNow, hint: texts.admin.publishNowHint },
  { value: 'false', label: texts.admin.keepAsDraft, hint: texts.admin.keepAsDraftHint },
] as const;

interface PublishedFieldProps {
  readonly text: string;
  readonly onEdit: (text: string) => void;
}

/** Whether a new drop is published at once. */
export function PublishedField({ text, onEdit }: PublishedFieldProps) {
  return (
    <fieldset className={styles.choices}>
      <legend>{DROP_FIELDS.published.label}</legend>
      {CHOICES.map((choice) => (
        <label key={choice.value} className={styles.choice}>
          <input
            type="radio"
            name="published"
            value={choice.value}
            checked={choice.value === text}
            onChange={() => {
              onEdit(choice.value);
            }}
          />
          <span className={styles.label}>{choice.label}</span>
          <span className={styles.hint}>{choice.hint}</span>
        </label>
      ))}
    </fieldset>
  );
}
