import { useState, type ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { explain, explainUncertain } from '../api/explain.js';
import { isProblemOf } from '../api/problem.js';
import { useSubmit } from '../api/use-submit.js';
import { ApiForm, FormAlert } from '../forms/api-form.js';
import { errorsByField, type FieldErrors, type FormFields } from '../forms/form-fields.js';
import { useServices } from '../services/services.js';
import styles from './account-form.module.css';
import { nextPath } from './sign-in-href.js';

interface AccountFormProps<Body extends object> {
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

/** A form that signs in, and then leads back to the page where the user came from. */
export function AccountForm<Body extends object>(props: AccountFormProps<Body>) {
  const { fields, labels, submit, children } = props;
  const { notices } = useServices();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const [onlyHere, setOnlyHere] = useState(false);
  const [mayHaveAccount, setMayHaveAccount] = useState(false);
  const request = useSubmit({
    send: (body: Body) => submit(body, onlyHere),
    onSuccess() {
      notices.show({ tone: 'good', title: 'You are signed in' });
      navigate(nextPath(search), { replace: true });
    },
    onError(error, isUncertain, body) {
      setMayHaveAccount(props.mayHaveAccount?.(error, body, isUncertain) ?? false);
    },
  });
  const { error } = request;
  const errors = { ...errorsByField(fields, error), ...takenField<Body>(error) };
  return (
    <div className={styles.ticket}>
      <ApiForm
        fields={fields}
        request={request}
        errors={errors}
        alert={
          error &&
          (mayHaveAccount ? (
            <FormAlert explanation={explainUncertain('register')}>
              <Link href={`/sign-in?${search.toString()}`}>Sign in</Link>
            </FormAlert>
          ) : (
            Object.keys(errors).length === 0 && <FormAlert explanation={explain(error)} />
          ))
        }
        labels={labels}
        className={styles.form}
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
            This tab only <span className={styles.hint}>(use another account in another tab)</span>
          </span>
        </label>
      </ApiForm>
      <HowItWorks />
    </div>
  );
}

function HowItWorks() {
  return (
    <section className={styles.stub} aria-label="How a drop works">
      <ol>
        <li>
          <p>
            <strong>Reserve.</strong> One unit leaves the stock and is yours to buy.
          </p>
        </li>
        <li>
          <p>
            <strong>Cart.</strong> The ring shows how long it stays there, by the server’s clock.
          </p>
        </li>
        <li>
          <p>
            <strong>Buy now, or cancel.</strong> What is not bought in time goes back on sale.
          </p>
        </li>
      </ol>
    </section>
  );
}

/** The field whose value is taken by another account. */
function takenField<Body>(error: Error | null): FieldErrors<Body> {
  if (isProblemOf(error, 'email-taken')) return { email: explain(error).title } as FieldErrors<Body>;
  if (isProblemOf(error, 'username-taken')) return { username: explain(error).title } as FieldErrors<Body>;
  return {};
}
