import { useRef, useState } from 'react';
import { bodyOf, type Drop } from '../api/client.js';
import { explain, explainUncertain } from '../api/explain.js';
import { useSubmit } from '../api/use-submit.js';
import { ApiForm, FormAlert } from '../forms/api-form.js';
import { errorsByField } from '../forms/form-fields.js';
import { useServices } from '../services/services.js';
import styles from './create-drop.module.css';
import { DROP_FIELDS, type CreateDropBody } from './drop-fields.js';
import { PictureField } from './picture-field.js';

/** The form of a new drop. Every open page shows the drop as soon as it is created. */
export function CreateDrop({ onCreated }: { readonly onCreated: (drop: Drop) => void }) {
  const { api, notices } = useServices();
  const formRef = useRef<HTMLFormElement>(null);
  const [createdId, setCreatedId] = useState('');
  const request = useSubmit({
    isIdempotent: true,
    send: async (body: CreateDropBody, key) =>
      bodyOf(await api.POST('/api/drops', { params: { header: { 'idempotency-key': key } }, body })).data,
    onSuccess(drop) {
      formRef.current?.reset();
      setCreatedId(drop.id);
      notices.show({
        tone: 'good',
        title: `“${drop.name}” was created`,
        text: 'Every open page shows it.',
        link: { href: `/drops/${drop.id}`, label: 'Open the drop' },
      });
      onCreated(drop);
    },
  });
  const errors = errorsByField(DROP_FIELDS, request.error);
  const isGeneral = request.error && Object.keys(errors).length === 0;
  return (
    <ApiForm
      formRef={formRef}
      fields={DROP_FIELDS}
      request={request}
      errors={errors}
      alert={
        isGeneral && (
          <FormAlert explanation={request.isUncertain ? explainUncertain('createDrop') : explain(request.error)} />
        )
      }
      labels={['Create the drop', 'Creating …']}
      buttonLook="hot"
      // The picture is not reset with the form: it is mounted again.
      controls={{ imageUrl: (error) => <PictureField key={createdId} field={DROP_FIELDS.imageUrl} error={error} /> }}
      labelledBy="create-drop"
      noValidate
      className={styles.form}
      heading={
        <h2 id="create-drop" className={styles.title}>
          Create a drop
        </h2>
      }
    />
  );
}
