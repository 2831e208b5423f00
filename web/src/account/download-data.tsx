import { bodyOf } from '../api/client.js';
import { useSubmit } from '../api/use-submit.js';
import type { User } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';
import { saveAs } from '../ui/save-as.js';
import { ActionCard } from './action-card.js';

/** Saves everything that the shop has about the user as a JSON file. */
export function DownloadData({ user }: { readonly user: User }) {
  const { api, notices } = useServices();
  const action = useSubmit({
    // Reads only.
    isIdempotent: true,
    send: async () => bodyOf(await api.GET('/api/users/me/export')).data,
    onSuccess(data) {
      const fileName = `drop-inventory-${user.username}.json`;
      saveAs(fileName, new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      notices.show({ tone: 'good', title: 'Your data is downloaded', text: fileName });
    },
  });
  return (
    <ActionCard
      id="data"
      title="Your data"
      text="Everything that the shop has about you: your details, reservations and orders, as a JSON file."
      label="Download my data"
      busyLabel="Preparing …"
      action={action}
    />
  );
}
