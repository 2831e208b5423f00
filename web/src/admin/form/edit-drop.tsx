import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { bodyOf, type Drop } from '../../api/client.js';
import { useSubmit } from '../../api/use-submit.js';
import { textsOf, type FormTexts } from '../../forms/form-fields.js';
import { entriesOf, useDraft, withEdits, type Draft } from '../../forms/use-draft.js';
import { useServices } from '../../services/services.js';
import { texts as words } from '../../texts/texts.js';
import { Button, ButtonLink } from '../../ui/button.js';
import { count, date, money } from '../../ui/formats.js';
import { inWords } from '../../ui/times.js';
import { Description } from '../../ticket/description.js';
import { showChanged } from '../show-changed.js';
import { CHANGE_FIELDS, type ChangeDropBody } from './drop-fields.js';
import { DropForm } from './drop-form.js';
import styles from './edit-drop.module.css';

type Name = keyof ChangeDropBody;
type Texts = Readonly<Partial<Record<Name, string>>>;

/**
 * The details of a drop, and the form that changes them. Unsaved changes stay when the drop changes, and are kept in this
 * window until they are saved or discarded.
 */
export function EditDrop({ drop }: { readonly drop: Drop }) {
  const draft = useDraft<Name>(`change.${drop.id}`);
  const [isOpen, setIsOpen] = useState(entriesOf(draft.edits).length > 0);
  const frame = useRef<HTMLDivElement>(null);
  /** The pressed button is removed: the focus moves to what replaces it. */
  function show(next: boolean): void {
    flushSync(() => {
      setIsOpen(next);
    });
    if (document.activeElement !== document.body) return;
    frame.current?.querySelector<HTMLElement>(next ? 'input' : 'button, a')?.focus();
  }
  return (
    <div ref={frame} className={styles.frame}>
      {isOpen ? (
        <ChangeForm
          drop={drop}
          draft={draft}
          onClose={() => {
            show(false);
          }}
        />
      ) : (
        <>
          <Details drop={drop} />
          <div className={styles.actions}>
            {drop.status !== 'cancelled' && (
              <Button
                look="quiet"
                onClick={() => {
                  show(true);
                }}
              >
                {words.admin.editDetails}
              </Button>
            )}
            <ButtonLink look="quiet" href={`/admin/new?from=${drop.id}`}>
              {words.admin.duplicate}
            </ButtonLink>
          </div>
        </>
      )}
    </div>
  );
}

function Details({ drop }: { readonly drop: Drop }) {
  const { price, currency, description, dropStartsAt, dropEndsAt, limitPerUser, holdSeconds } = drop;
  const facts = [
    [words.admin.fields.price, money(price, currency)],
    [words.admin.fields.currency, currency],
    [words.admin.fields.start, date(dropStartsAt)],
    [words.admin.fields.end, dropEndsAt === null ? words.admin.never : date(dropEndsAt)],
    [words.admin.fields.limit, limitPerUser === null ? words.admin.noLimit : count(limitPerUser)],
    [words.admin.onHoldFor, inWords(holdSeconds * 1_000)],
  ];
  return (
    <>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {description !== null && <Description text={description} />}
    </>
  );
}

interface ChangeFormProps {
  readonly drop: Drop;
  readonly draft: Draft<Name>;
  readonly onClose: () => void;
}

function ChangeForm({ drop, draft, onClose }: ChangeFormProps) {
  const { api, notices } = useServices();
  const queries = useQueryClient();
  const current = textsOf(CHANGE_FIELDS, drop);
  const texts = withEdits(current, draft.edits);
  // Only these are sent: what another admin changes meanwhile stays.
  const changes = entriesOf(draft.edits).flatMap(([name, { text }]) =>
    text === current[name] ? [] : ([[name, text]] as const),
  );
  const request = useSubmit({
    // It sets what is to be.
    isIdempotent: true,
    async send(saved: Texts) {
      const params = { path: { id: drop.id } };
      return { saved, changed: bodyOf(await api.PATCH('/api/drops/{id}', { params, body: bodyWith(saved) })).data };
    },
    onSuccess({ saved, changed }) {
      draft.settle(saved);
      showChanged(queries, changed);
      notices.show({
        tone: 'good',
        topic: drop.id,
        title: words.admin.changesSaved,
        text: words.admin.changesSavedHint,
      });
      onClose();
    },
  });

  function close(): void {
    draft.discard();
    onClose();
  }

  return (
    <DropForm
      fields={CHANGE_FIELDS}
      request={{
        ...request,
        submit() {
          if (changes.length === 0) close();
          else request.submit(Object.fromEntries(changes));
        },
      }}
      uncertain="changeDrop"
      texts={texts}
      onEdit={(name, text) => {
        draft.edit(name, text, current[name]);
      }}
      notes={notesOn(draft, current)}
      drop={drop}
      labels={[words.admin.saveChanges, words.admin.saving]}
      label={words.admin.details}
      footer={
        <Button look="quiet" onClick={close}>
          {changes.length === 0 ? words.admin.close : words.admin.discardChanges}
        </Button>
      }
    />
  );
}

function bodyWith(texts: Texts): ChangeDropBody {
  const names = Object.keys(texts) as Name[];
  return Object.fromEntries(names.map((name) => [name, CHANGE_FIELDS[name].parse(texts[name] ?? '')]));
}

/** Says at fields with unsaved changes that the drop has changed since. */
function notesOn({ edits }: Draft<Name>, current: FormTexts<ChangeDropBody>): Texts {
  const overtaken = entriesOf(edits).filter(
    ([name, { text, before }]) => current[name] !== before && current[name] !== text,
  );
  return Object.fromEntries(
    overtaken.map(([name]) => [name, words.admin.changedMeanwhile(shown(name, current[name]))]),
  );
}

function shown(name: Name, text: string): string {
  if (text === '') return words.admin.none;
  return CHANGE_FIELDS[name].type === 'datetime-local' ? date(text) : words.admin.quoted(text);
}
