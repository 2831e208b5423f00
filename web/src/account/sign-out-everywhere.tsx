import { explain } from '../api/explain.js';
import { useSubmit } from '../api/use-submit.js';
import { useAuth } from '../auth/use-auth.js';
import { FormAlert } from '../forms/api-form.js';
import { Button } from '../ui/button.js';
import styles from './account-page.module.css';

/** Ends all sessions of the user, this one included. */
export function SignOutEverywhere() {
  const { signOutEverywhere } = useAuth();
  const { submit, isPending, error } = useSubmit({ send: signOutEverywhere, onSuccess: () => undefined });
  return (
    <section className={styles.card} aria-labelledby="sessions">
      <h2 id="sessions" className={styles.title}>
        Signed in on another device?
      </h2>
      <div>
        <p>Signs you out on every device and in every tab, this one included. Reservations and orders stay.</p>
        <div role="alert">{error && <FormAlert explanation={explain(error)} />}</div>
      </div>
      <Button
        look="quiet"
        isBusy={isPending}
        onClick={() => {
          submit();
        }}
      >
        {isPending ? 'Signing out …' : 'Sign out everywhere'}
      </Button>
    </section>
  );
}
