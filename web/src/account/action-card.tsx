import { explain } from '../api/explain.js';
import type { Submit } from '../api/use-submit.js';
import { FormAlert } from '../forms/api-form.js';
import { Button } from '../ui/button.js';
import styles from './account-page.module.css';

interface ActionCardProps {
  /** Of the heading, for its section. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly label: string;
  /** The label while the request runs. */
  readonly busyLabel: string;
  readonly action: Submit<void>;
}

/** A card of the account page with one button. */
export function ActionCard({ id, title, text, label, busyLabel, action }: ActionCardProps) {
  const { submit, isPending, error } = action;
  return (
    <section className={styles.card} aria-labelledby={id}>
      <h2 id={id} className={styles.title}>
        {title}
      </h2>
      <div>
        <p>{text}</p>
        <div role="alert">{error && <FormAlert explanation={explain(error)} />}</div>
      </div>
      <Button
        look="quiet"
        isBusy={isPending}
        onClick={() => {
          submit();
        }}
      >
        {isPending ? busyLabel : label}
      </Button>
    </section>
  );
}
