import { useSubmit } from '../api/use-submit.js';
import { useAuth } from '../auth/use-auth.js';
import { texts } from '../texts/texts.js';
import { ActionCard } from './action-card.js';

const words = texts.account.sessions;

/** Ends all sessions of the user, this one included. */
export function SignOutEverywhere() {
  const { signOutEverywhere } = useAuth();
  const action = useSubmit({ send: signOutEverywhere, onSuccess: () => undefined });
  return (
    <ActionCard
      id="sessions"
      title={words.title}
      text={words.text}
      label={words.action}
      busyLabel={words.busy}
      action={action}
    />
  );
}
