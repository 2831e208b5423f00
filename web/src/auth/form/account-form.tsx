import { useState, type ReactNode } from 'react';
import { explain, explainUncertain } from '../../api/explain.js';
import { isProblemOf } from '../../api/problem.js';
import { useSubmit } from '../../api/use-submit.js';
import { ApiForm, FormAlert } from '../../forms/api-form.js';
import { errorsByField, type FieldErrors, type FormFields } from '../../forms/form-fields.js';
import { texts } from '../../texts/texts.js';
import styles from './account-form.module.css';

/** Where a form that signs in is shown: on its page, or in a dialog. */
export interface FormPlace {
  /** The way to one of the two forms. */
  readonly linkTo: (form: 'sign-in' | 'register', label: string) => ReactNode;
  readonly onSignedIn: () => void;
}

interface AccountFormProps<Body extends object> {
  readonly place: FormPlace;
  readonly fields: FormFields<Body>;
  /** Labels of the submit button: at rest, and while a request is under way. */
  readonly labels: readonly [string, string];
  /** Signs in. @param onlyHere for this window alone. */
  readonly submit: (body: Body, onlyHere: boolean) => Promise<void>;
  /**
   * Whether the user may have an account although the request for one failed.
   * @param isUncertain The request, or an earlier one with the same body, may have been carried out.
   */
  readonly mayHaveAccount?: (error: Error, body: Body, isUncertain: boolean) => boolean;
  /** Below the form; with a function that submits it. */
  readonly children: (submit: (body: Body) => void) => ReactNode;
}

/** A form that signs in. */
export function AccountForm<Body extends object>(props: AccountFormProps<Body>) {
  const { place, fields, labels, submit, children } = props;
  const [onlyHere, setOnlyHere] = useState(false);
  const [mayHaveAccount, setMayHaveAccount] = useState(false);
  const request = useSubmit({
    send: (body: Body) => submit(body, onlyHere),
    onSuccess: place.onSignedIn,
    onError(error, isUncertain, body) {
      setMayHaveAccount(props.mayHaveAccount?.(error, body, isUncertain) ?? false);
    },
  });
  const { error } = request;
  const errors = { ...errorsByField(fields, error), ...takenField<Body>(error) };
  return (
    <ApiForm
      fields={fields}
      request={request}
      errors={errors}
      alert={
        error &&
        (mayHaveAccount ? (
          <FormAlert explanation={explainUncertain('register')}>
            {place.linkTo('sign-in', texts.common.signIn)}
          </FormAlert>
        ) : (
          Object.keys(errors).length === 0 && <FormAlert explanation={explain(error)} />
        ))
      }
      labels={labels}
      footer={children(request.submit)}
    >
      <label className={styles.choice}>
        <input
          type="checkbox"
          checked={onlyHere}
          onChange={(event) => {
            setOnlyHere(event.target.checked);
          }}
        />
        <span>
          {texts.auth.onlyHere} <span className={styles.hint}>{texts.auth.onlyHereHint}</span>
        </span>
      </label>
    </ApiForm>
  );
}

/** The field whose value is taken by another account. */
function takenField<Body>(error: Error | null): FieldErrors<Body> {
  if (isProblemOf(error, 'email-taken')) return { email: explain(error).title } as FieldErrors<Body>;
  if (isProblemOf(error, 'username-taken')) return { username: explain(error).title } as FieldErrors<Body>;
  return {};
}
