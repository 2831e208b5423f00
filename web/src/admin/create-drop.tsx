import { useRef, useState } from 'react';
import { answerOf, type Drop } from '../api/client.js';
import { explain, explainUncertain } from '../api/explain.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import { bodyOf, errorsByField, type CreateDropBody, type FieldName } from './drop-body.js';
import styles from './create-drop.module.css';
import { PictureField } from './picture-field.js';

const FIELDS: readonly FieldName[] = [
  ...(['name', 'price', 'totalStock', 'imageUrl', 'dropStartsAt', 'dropEndsAt', 'limitPerUser'] as const),
];

/** A form that makes a drop, which every open page is shown at once. */
export function CreateDrop({ onCreated }: { readonly onCreated: (drop: Drop) => void }) {
  const { api, notices } = useServices();
  const form = useRef<HTMLFormElement>(null);
  const [picture, setPicture] = useState('');
  const create = useSubmit({
    isIdempotent: true,
    send: async (body: CreateDropBody, key) =>
      answerOf(await api.POST('/api/drops', { params: { header: { 'idempotency-key': key } }, body })).data,
    onSuccess(drop) {
      form.current?.reset();
      setPicture('');
      notices.say({
        tone: 'good',
        title: `“${drop.name}” is there`,
        text: 'Every open page shows it.',
        link: { href: `/drops/${drop.id}`, label: 'To the drop' },
      });
      onCreated(drop);
    },
    onError(error) {
      const wrong = FIELDS.find((name) => errorsByField(error)[name] !== undefined);
      form.current?.querySelector<HTMLInputElement>(wrong ? `[name="${wrong}"]` : 'button[type="submit"]')?.focus();
    },
  });
  const errors = errorsByField(create.error);
  const said = create.isUncertain ? explainUncertain('createDrop') : explain(create.error);
  const isGeneral = create.error && FIELDS.every((name) => errors[name] === undefined);
  return (
    <form
      ref={form}
      className={styles.form}
      aria-labelledby="create-drop"
      // What is wrong the API says, in the same words as to everybody.
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const valueOf = (name: FieldName) => {
          const value = data.get(name);
          return typeof value === 'string' ? value : '';
        };
        create.submit(
          bodyOf(Object.fromEntries(FIELDS.map((name) => [name, valueOf(name)])) as Record<FieldName, string>),
        );
      }}
    >
      <h2 id="create-drop" className={styles.title}>
        Create a drop
      </h2>
      <div role="alert">
        {isGeneral && (
          <p className={styles.error}>
            <strong>{`${said.title}.`}</strong> <span>{said.text}</span>
          </p>
        )}
      </div>
      <Field label="Name" name="name" maxLength={200} required autoComplete="off" error={errors.name} />
      <div className={styles.pair}>
        <Field label="Price" name="price" inputMode="decimal" placeholder="175.00" required error={errors.price} />
        <Field label="Units" name="totalStock" type="number" min={1} required error={errors.totalStock} />
      </div>
      <Field
        label="Opens"
        name="dropStartsAt"
        type="datetime-local"
        hint="By your clock. Left out: now."
        error={errors.dropStartsAt}
      />
      <Field label="Ends" name="dropEndsAt" type="datetime-local" hint="Left out: never." error={errors.dropEndsAt} />
      <Field
        label="Units for each buyer"
        name="limitPerUser"
        type="number"
        min={1}
        hint="Held and bought. Left out: any number."
        error={errors.limitPerUser}
      />
      <PictureField value={picture} onChange={setPicture} error={errors.imageUrl} />
      <Button type="submit" look="hot" isBusy={create.isPending}>
        {create.isPending ? 'Creating …' : 'Create the drop'}
      </Button>
    </form>
  );
}
