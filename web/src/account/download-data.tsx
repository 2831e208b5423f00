import { bodyOf } from '../api/client.js';
import { useSubmit } from '../api/use-submit.js';
import type { User } from '../auth/use-auth.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { saveAs } from '../ui/save-as.js';
import { ActionCard } from './action-card.js';

const words = texts.account.data;

/** Saves everything that the shop has about the user as a JSON file. */
export function DownloadData({ user }: { readonly user: User }) {
  const { api, notices } = useServices();
  const action = useSubmit({
    // Reads only.
    isIdempotent: true,
    send: async () => bodyOf(await api.GET('/api/users/me/export')).data,
    onSuccess(data) {
      const fileName = words.fileName(user.username);
      saveAs(fileName, new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      notices.show({ tone: 'good', title: words.done, text: fileName });
    },
  });
  return (
    <ActionCard
      id="data"
      title={words.title}
      text={words.text}
      label={words.action}
      busyLabel={words.busy}
      action={action}
    />
  );
}
