import { ReasonField, withReason } from '../admin/reason-field.js';
import { bodyOf } from '../api/client.js';
import { explain, explainUncertain, type Explanation } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { useSubmit } from '../api/use-submit.js';
import { FormAlert } from '../forms/api-form.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import { ConfirmDialog } from '../ui/dialog.js';
import { organiserKeys, type HeldReservation } from './organiser-queries.js';

const words = texts.organiser.release;

interface ReleaseDialogProps {
  readonly hold: HeldReservation;
  readonly onClose: () => void;
}

/** Asks before the reservation of a customer is released. */
export function ReleaseDialog({ hold, onClose }: ReleaseDialogProps) {
  const { api, notices, queries } = useServices();
  const { id, dropId, user } = hold;
  const refresh = () => void queries.invalidateQueries({ queryKey: organiserKeys.drop(dropId) });
  const { submit, isPending, error, isUncertain } = useSubmit({
    // A reservation is released once.
    isIdempotent: true,
    send: async (body: { readonly reason?: string }) =>
      bodyOf(
        await api.DELETE('/api/admin/reservations/{id}', {
          params: { path: { id } },
          body,
        }),
      ),
    onSuccess() {
      refresh();
      notices.show({
        tone: 'good',
        title: words.done(user.username),
        text: words.doneText,
      });
      onClose();
    },
    onError: refresh,
  });
  return (
    <ConfirmDialog
      title={words.question(user.username)}
      confirmLabel={words.confirm}
      busyLabel={words.busy}
      isBusy={isPending}
      alert={error && <FormAlert explanation={isUncertain ? explainUncertain('release') : explainRefusal(error)} />}
      onConfirm={(values) => {
        submit(withReason(values));
      }}
      onClose={onClose}
    >
      <p>{words.text}</p>
      <ReasonField />
    </ConfirmDialog>
  );
}

/** Why a reservation cannot be released, to the organiser. */
function explainRefusal(error: Error): Explanation {
  if (isProblemOf(error, 'reservation-expired')) return words.expired;
  if (isProblemOf(error, 'reservation-settled')) return words.settled;
  return explain(error);
}
