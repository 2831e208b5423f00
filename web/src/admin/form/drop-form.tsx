import type { ReactNode } from 'react';
import { explain, explainUncertain } from '../../api/explain.js';
import type { Submit } from '../../api/use-submit.js';
import { ApiForm, FormAlert } from '../../forms/api-form.js';
import { errorsByField, type FormFields, type FormTexts } from '../../forms/form-fields.js';
import { useServerNow } from '../../services/use-live.js';
import { CurrencyField } from './currency-field.js';
import { DescriptionField } from './description-field.js';
import { DROP_FIELDS, type ChangeDropBody, type CreateDropBody } from './drop-fields.js';
import styles from './drop-form.module.css';
import { DropPreview } from './drop-preview.js';
import { PictureField } from './picture-field.js';
import { previewOf, type PreviewedDrop } from './previewed-drop.js';

/** The members of both bodies. A new drop may leave its currency to the API. */
type DropBody = Omit<ChangeDropBody, 'currency'> & Pick<CreateDropBody, 'currency'>;

interface DropFormProps<Body extends DropBody> {
  readonly fields: FormFields<Body>;
  readonly request: Submit<Body>;
  readonly uncertain: 'createDrop' | 'changeDrop';
  readonly texts: FormTexts<Body> & FormTexts<ChangeDropBody>;
  readonly onEdit: (name: keyof Body & string, text: string) => void;
  /** Shown below fields in place of their hints. */
  readonly notes?: { readonly [Name in keyof Body]?: string };
  /** The drop without the texts of the form. */
  readonly drop: PreviewedDrop;
  /** Labels of the submit button: at rest, and while a request is under way. */
  readonly labels: readonly [string, string];
  /** The name of the form. */
  readonly label: string;
  /** The field of a new drop. */
  readonly published?: ReactNode;
  /** Below the submit button. */
  readonly footer?: ReactNode;
}

/** The form of a drop, with a preview. An error of the API is shown at its field. */
export function DropForm<Body extends DropBody>(props: DropFormProps<Body>) {
  const { fields, request, uncertain, texts, onEdit, notes, drop, labels, label, footer } = props;
  const now = useServerNow();
  const errors = errorsByField(fields, request.error);
  const controls = {
    description: (error: string | undefined) => (
      <DescriptionField
        value={texts.description}
        note={notes?.description}
        error={error}
        onChange={(text) => {
          onEdit('description', text);
        }}
      />
    ),
    currency: (error: string | undefined) => (
      <CurrencyField
        value={texts.currency}
        note={notes?.currency}
        error={error}
        onChange={(text) => {
          onEdit('currency', text);
        }}
      />
    ),
    imageUrl: (error: string | undefined) => (
      <PictureField
        field={DROP_FIELDS.imageUrl}
        value={texts.imageUrl}
        note={notes?.imageUrl}
        error={error}
        onChange={(text) => {
          onEdit('imageUrl', text);
        }}
      />
    ),
    published: () => <>{props.published}</>,
  };
  const isGeneral = request.error !== null && Object.keys(errors).length === 0;
  return (
    <div className={styles.frame}>
      <ApiForm
        fields={fields}
        request={request}
        errors={errors}
        texts={texts}
        onEdit={onEdit}
        notes={notes}
        alert={
          isGeneral && (
            <FormAlert explanation={request.isUncertain ? explainUncertain(uncertain) : explain(request.error)} />
          )
        }
        labels={labels}
        buttonLook="hot"
        controls={controls}
        label={label}
        noValidate
        className={styles.form}
        footer={footer}
      >
        <div className={styles.preview}>
          <DropPreview drop={previewOf(texts, drop, now)} />
        </div>
      </ApiForm>
    </div>
  );
}
