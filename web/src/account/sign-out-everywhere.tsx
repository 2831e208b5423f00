import { useSubmit } from '../api/use-submit.js';
import { useAuth } from '../auth/use-auth.js';
import { ActionCard } from './action-card.js';

/** Ends all sessions of the user, this one included. */
export function SignOutEverywhere() {
  const { signOutEverywhere } = useAuth();
  const action = useSubmit({ send: signOutEverywhere, onSuccess: () => undefined });
  return (
    <ActionCard
      id="sessions"
      title="Signed in on another device?"
      text="Signs you out on every device and in every tab, this one included. Reservations and orders stay."
      label="Sign out everywhere"
      busyLabel="Signing out …"
      action={action}
    />
  );
}
