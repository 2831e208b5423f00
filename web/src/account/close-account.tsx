import { explain, explainUncertain } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { useSubmit } from '../api/use-submit.js';
import type { components } from '../api/contract.js';
import { useAuth } from '../auth/use-auth.js';
import { ApiForm, FormAlert } from '../forms/api-form.js';
import { asText, errorsByField, type FormFields } from '../forms/form-fields.js';
import { texts } from '../texts/texts.js';
import styles from './account-page.module.css';

type Body = components['schemas']['EraseAccountBody'];

const words = texts.account.close;

const FIELDS: FormFields<Body> = {
  password: {
    label: texts.common.password,
    type: 'password',
    required: true,
    autoComplete: 'current-password',
    parse: asText,
  },
};

/** Closes the account: for good, after the password and a confirmation. */
export function CloseAccount({ email }: { readonly email: string }) {
  const { closeAccount } = useAuth();
  const request = useSubmit({ send: closeAccount, onSuccess: () => undefined });
  const { error } = request;
  const errors = {
    ...errorsByField(FIELDS, error),
    ...(isProblemOf(error, 'invalid-credentials') && { password: words.wrong }),
  };
  return (
    <section className={styles.card} aria-labelledby="close-account">
      <ApiForm
        fields={FIELDS}
        request={request}
        errors={errors}
        alert={
          error &&
          Object.keys(errors).length === 0 && (
            <FormAlert explanation={request.isUncertain ? explainUncertain('closeAccount') : explain(error)} />
          )
        }
        labels={[words.title, words.busy]}
        buttonLook="hot"
        labelledBy="close-account"
        className={styles.form}
        heading={
          <>
            <h2 id="close-account" className={styles.title}>
              {words.title}
            </h2>
            <ul className={styles.consequences}>
              {words.consequences.map((consequence) => (
                <li key={consequence}>{consequence}</li>
              ))}
            </ul>
          </>
        }
      >
        <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
        <label className={styles.confirm}>
          <input type="checkbox" required />
          <span>{words.confirm}</span>
        </label>
      </ApiForm>
    </section>
  );
}
