import { texts } from '../../texts/texts.js';
import { DROP_FIELDS } from './drop-fields.js';
import styles from './published-field.module.css';

const CHOICES = [
  { text: 'true', label: texts.admin.publishNow, hint: texts.admin.publishNowHint },
  { text: 'false', label: texts.admin.keepAsDraft, hint: texts.admin.keepAsDraftHint },
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
        <label key={choice.text} className={styles.choice}>
          <input
            type="radio"
            name="published"
            value={choice.text}
            checked={choice.text === text}
            onChange={() => {
              onEdit(choice.text);
            }}
          />
          <span className={styles.label}>{choice.label}</span>
          <span className={styles.hint}>{choice.hint}</span>
        </label>
      ))}
    </fieldset>
  );
}
