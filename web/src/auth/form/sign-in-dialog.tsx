import { useState, useSyncExternalStore } from 'react';
import { useServices } from '../../services/services.js';
import { texts } from '../../texts/texts.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import type { FormPlace } from './account-form.js';
import { RegisterForm } from './register-form.js';
import styles from './sign-in-dialog.module.css';
import { SignInForm } from './sign-in-form.js';

/** Signs in on the page where a visitor reserves, with an account that exists or a new one. */
export function SignInDialog() {
  const { reserveIntent } = useServices();
  const intent = useSyncExternalStore(reserveIntent.subscribe, reserveIntent.get);
  const [form, setForm] = useState<'sign-in' | 'register'>('sign-in');
  const place: FormPlace = {
    linkTo: (other, label) => (
      <button
        type="button"
        className={styles.link}
        onClick={() => {
          setForm(other);
        }}
      >
        {label}
      </button>
    ),
    // The session replaces the dialog by the reservation: see shell/sign-in-to-reserve.tsx.
    onSignedIn: () => undefined,
  };
  if (!intent) return null;
  const words = texts.auth.dialog;
  return (
    <Dialog
      key={form}
      title={form === 'sign-in' ? words.signIn(intent.drop.name) : words.register(intent.drop.name)}
      onClose={reserveIntent.clear}
    >
      <p>{words.text}</p>
      {form === 'sign-in' ? <SignInForm place={place} /> : <RegisterForm place={place} />}
      <Button look="quiet" onClick={reserveIntent.clear}>
        {texts.ui.goBack}
      </Button>
    </Dialog>
  );
}
