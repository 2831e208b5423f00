import { explain, explainUncertain } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { useSubmit } from '../api/use-submit.js';
import { useAuth } from '../auth/use-auth.js';
import { ApiForm, FormAlert } from '../forms/api-form.js';
import { asText, errorsByField, type FieldErrors, type FormFields } from '../forms/form-fields.js';
import { useServices } from '../services/services.js';
import { texts } from '../texts/texts.js';
import styles from './account-page.module.css';

interface PasswordForm {
  readonly currentPassword: string;
  readonly newPassword: string;
  /** Checked by the page: a password with a typing error could not be entered again. */
  readonly repeated: string;
}

const words = texts.account.changePassword;

const FIELDS: FormFields<PasswordForm> = {
  currentPassword: {
    label: words.current,
    type: 'password',
    required: true,
    autoComplete: 'current-password',
    parse: asText,
  },
  newPassword: {
    label: words.next,
    type: 'password',
    required: true,
    autoComplete: 'new-password',
    hint: texts.common.passwordHint,
    minLength: 6,
    parse: asText,
  },
  repeated: {
    label: words.repeated,
    type: 'password',
    required: true,
    autoComplete: 'new-password',
    parse: asText,
  },
};

/** Two different new passwords were entered. */
class MismatchError extends Error {}

/** Changes the password. The user stays signed in here, and is signed out elsewhere. */
export function ChangePassword({ email }: { readonly email: string }) {
  const { changePassword } = useAuth();
  const { notices } = useServices();
  const request = useSubmit({
    async send({ currentPassword, newPassword, repeated }: PasswordForm) {
      if (newPassword !== repeated) throw new MismatchError();
      await changePassword({ currentPassword, newPassword });
    },
    onSuccess() {
      notices.show({
        tone: 'good',
        title: words.done,
        text: words.doneText,
      });
    },
  });
  const { error } = request;
  const errors = { ...errorsByField(FIELDS, error), ...ownErrors(error) };
  return (
    <section className={styles.card} aria-labelledby="change-password">
      <ApiForm
        fields={FIELDS}
        request={request}
        errors={errors}
        alert={
          error &&
          Object.keys(errors).length === 0 && (
            <FormAlert explanation={request.isUncertain ? explainUncertain('changePassword') : explain(error)} />
          )
        }
        labels={[words.title, words.busy]}
        labelledBy="change-password"
        className={styles.form}
        heading={
          <h2 id="change-password" className={styles.title}>
            {words.title}
          </h2>
        }
      >
        {/* Password managers store the new password for this account. */}
        <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
      </ApiForm>
    </section>
  );
}

/** Errors that concern one field, without the API naming it. */
function ownErrors(error: Error | null): FieldErrors<PasswordForm> {
  if (error instanceof MismatchError) return { repeated: words.mismatch };
  if (isProblemOf(error, 'invalid-credentials')) return { currentPassword: words.wrong };
  return {};
}
