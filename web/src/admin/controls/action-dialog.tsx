import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { bodyOf, type Drop } from '../../api/client.js';
import { explain, explainUncertain } from '../../api/explain.js';
import { useSubmit } from '../../api/use-submit.js';
import { FormAlert } from '../../forms/api-form.js';
import { useServices } from '../../services/services.js';
import { useServerNow } from '../../services/use-live.js';
import { texts } from '../../texts/texts.js';
import { ConfirmDialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { ReasonField, withReason } from '../reason-field.js';
import { showChanged } from '../show-changed.js';
import { consequenceOf, type DropAction } from './drop-actions.js';
import styles from './drop-controls.module.css';

interface ActionDialogProps {
  readonly action: DropAction;
  readonly drop: Drop;
  readonly onClose: () => void;
}

/** Confirms an action on a drop, and sends it. A refusal is shown in the dialog. */
export function ActionDialog({ action, drop, onClose }: ActionDialogProps) {
  const { api, notices } = useServices();
  const queries = useQueryClient();
  const now = useServerNow();
  const [typedName, setTypedName] = useState('');
  const { label, busy, done } = texts.admin[action];
  const isCancel = action === 'cancel';
  const { submit, isPending, error, isUncertain } = useSubmit({
    // It sets what is to be.
    isIdempotent: true,
    send: async (body: { reason?: string }) =>
      bodyOf(await api.POST(`/api/drops/{id}/${action}`, { params: { path: { id: drop.id } }, body })).data,
    onSuccess(changed) {
      showChanged(queries, changed);
      notices.show({ tone: 'good', topic: drop.id, title: done(changed.name) });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={texts.admin.actionOn(label, drop.name)}
      confirmLabel={label}
      busyLabel={busy}
      look={isCancel ? 'hot' : 'ink'}
      isBusy={isPending}
      isIncomplete={isCancel && !isSameName(typedName, drop.name)}
      alert={error && <FormAlert explanation={isUncertain ? explainUncertain('changeDrop') : explain(error)} />}
      onConfirm={(values) => {
        submit(withReason(values));
      }}
      onClose={onClose}
    >
      <p>{consequenceOf(action, drop, now)}</p>
      {isCancel && (
        <div className={styles.name}>
          <Field
            label={texts.admin.cancel.nameLabel}
            hint={texts.admin.cancel.nameHint(drop.name)}
            required
            autoComplete="off"
            value={typedName}
            onChange={({ target }) => {
              setTypedName(target.value);
            }}
          />
        </div>
      )}
      <ReasonField />
    </ConfirmDialog>
  );
}

/** Whether a name was typed: keyboards of phones change its case, and pasted text may have another normalization. */
function isSameName(typed: string, name: string): boolean {
  const plain = (text: string) => text.normalize('NFC').trim().replace(/\s+/g, ' ').toLocaleLowerCase();
  return plain(typed) === plain(name);
}
