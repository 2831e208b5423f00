import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useSearchParams } from 'wouter';
import { bodyOf, type Drop } from '../../api/client.js';
import { keys } from '../../api/queries.js';
import { useSubmit } from '../../api/use-submit.js';
import { SignInAsAdmin } from '../../auth/sign-in-as-admin.js';
import { useAuth } from '../../auth/use-auth.js';
import { textsOf, type FormTexts } from '../../forms/form-fields.js';
import { entriesOf, useDraft, withEdits } from '../../forms/use-draft.js';
import { LoadedDrop } from '../../page/loaded-drop.js';
import { Page } from '../../page/page.js';
import { useServices } from '../../services/services.js';
import { texts as words } from '../../texts/texts.js';
import { Button } from '../../ui/button.js';
import { DROP_FIELDS, type CreateDropBody } from './drop-fields.js';
import { DropForm } from './drop-form.js';
import styles from './new-drop-page.module.css';
import { newDrop } from './previewed-drop.js';
import { PublishedField } from './published-field.js';

const MAX_NAME_LENGTH = 200;
const DEFAULT_CURRENCY = 'USD';

/** Creates a drop, from an empty form or with `?from=ID` from the details of another drop. */
export function NewDropPage() {
  const { isAdmin } = useAuth();
  const [search] = useSearchParams();
  const from = search.get('from');
  if (!isAdmin) return <SignInAsAdmin title={words.admin.newDrop} />;
  if (from === null)
    return (
      <NewDrop
        key="new"
        draftKey="new"
        initial={textsOf(DROP_FIELDS, { currency: DEFAULT_CURRENCY, published: true })}
      />
    );
  return (
    <LoadedDrop key={from} id={from}>
      {(drop) => <NewDrop draftKey={`copy.${drop.id}`} initial={copyOf(drop)} />}
    </LoadedDrop>
  );
}

interface NewDropProps {
  /** Identifies the unsaved form. */
  readonly draftKey: string;
  readonly initial: FormTexts<CreateDropBody>;
}

function NewDrop({ draftKey, initial }: NewDropProps) {
  const { api, notices } = useServices();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const draft = useDraft<keyof CreateDropBody>(draftKey);
  const texts = withEdits(initial, draft.edits);
  const request = useSubmit({
    isIdempotent: true,
    send: async (body: CreateDropBody, key) =>
      bodyOf(await api.POST('/api/drops', { params: { header: { 'idempotency-key': key } }, body })).data,
    onSuccess(drop) {
      draft.discard();
      queries.setQueryData(keys.drop(drop.id), drop);
      const notice = { tone: 'good', topic: drop.id } as const;
      notices.show(
        drop.status === 'draft'
          ? { ...notice, title: words.admin.createdDraft, text: words.admin.createdDraftHint }
          : {
              ...notice,
              title: words.admin.created,
              link: { href: `/drops/${drop.id}`, label: words.admin.viewIt },
            },
      );
      navigate(`/admin/drops/${drop.id}`);
    },
  });
  return (
    <Page title={words.admin.newDrop}>
      <div className={styles.card}>
        <DropForm
          fields={DROP_FIELDS}
          request={request}
          uncertain="createDrop"
          texts={texts}
          onEdit={(name, text) => {
            draft.edit(name, text, initial[name]);
          }}
          drop={newDrop(texts.totalStock)}
          labels={
            texts.published === 'false'
              ? [words.admin.saveDraft, words.admin.saving]
              : [words.admin.publishDrop, words.admin.publishingDrop]
          }
          label={words.admin.newDrop}
          published={
            <PublishedField
              text={texts.published}
              onEdit={(text) => {
                draft.edit('published', text, initial.published);
              }}
            />
          }
          footer={
            entriesOf(draft.edits).length > 0 && (
              <Button look="quiet" onClick={draft.discard}>
                {words.admin.startAgain}
              </Button>
            )
          }
        />
      </div>
    </Page>
  );
}

/** The texts of the form for a copy of a drop: everything but its times. */
function copyOf({ dropStartsAt: _start, dropEndsAt: _end, ...drop }: Drop): FormTexts<CreateDropBody> {
  const name = [...words.admin.copyOf(drop.name)].slice(0, MAX_NAME_LENGTH).join('');
  return textsOf(DROP_FIELDS, { ...drop, name, published: true });
}
