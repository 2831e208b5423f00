import { useRef, useState, type ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { explain, explainUncertain } from '../api/explain.js';
import { ApiError, isProblemOf } from '../api/problem.js';
import { useSubmit } from '../api/use-submit.js';
import { useServices } from '../services.js';
import { Button } from '../ui/button.js';
import { Field } from '../ui/field.js';
import styles from './account-form.module.css';
import { nextPath } from './sign-in-href.js';

type Values = Readonly<Record<string, string>>;

interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  readonly autoComplete: string;
  readonly hint?: string;
  readonly minLength?: number;
}

interface AccountFormProps {
  readonly fields: readonly FormField[];
  /** What the button says, and what it says meanwhile. */
  readonly labels: readonly [string, string];
  /** Signs in, with the fields by their names. */
  readonly submit: (values: Values, onlyHere: boolean) => Promise<void>;
  /** Submitting the form makes an account. */
  readonly isRegistration?: boolean;
  /** Under the form. */
  readonly children: ReactNode;
}

/** A form that ends with somebody signed in, and then leads back to where they came from. */
export function AccountForm({ fields, labels, submit, isRegistration = false, children }: AccountFormProps) {
  const { notices } = useServices();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  const [onlyHere, setOnlyHere] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  /** Registrations without a clear answer: a name or an e-mail of theirs that is taken may be the user's own. */
  const lostRef = useRef<Values[]>([]);
  const [mayHaveAccount, setMayHaveAccount] = useState(false);
  const signIn = useSubmit({
    send: (values: Values) => submit(values, onlyHere),
    onSuccess() {
      notices.say({ tone: 'good', title: 'You are signed in' });
      navigate(nextPath(search), { replace: true });
    },
    onError(error, isUncertain, values) {
      if (isUncertain) lostRef.current.push(values);
      setMayHaveAccount(
        isRegistration && (isUncertain || lostRef.current.some((lost) => isTakenBy(lost, values, error))),
      );
      const wrong = Object.keys(errorsByField(error))[0];
      form.current?.querySelector<HTMLInputElement>(wrong ? `[name="${wrong}"]` : 'input')?.focus();
    },
  });
  const errors = errorsByField(signIn.error);
  const isGeneral = signIn.error && (mayHaveAccount || Object.keys(errors).length === 0);
  const said = mayHaveAccount ? explainUncertain('register') : explain(signIn.error);
  return (
    <div className={styles.ticket}>
      <form
        ref={form}
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const valueOf = (name: string) => {
            const value = data.get(name);
            return typeof value === 'string' ? value : '';
          };
          signIn.submit(Object.fromEntries(fields.map(({ name }) => [name, valueOf(name)])));
        }}
      >
        <div role="alert" className={styles.alert}>
          {isGeneral && (
            <p className={styles.error}>
              <strong>{`${said.title}.`}</strong> <span>{said.text}</span>{' '}
              {mayHaveAccount && <Link href={`/sign-in?${search.toString()}`}>Sign in</Link>}
            </p>
          )}
        </div>
        {fields.map((field) => (
          <Field key={field.name} {...field} required error={errors[field.name]} />
        ))}
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={onlyHere}
            onChange={(event) => {
              setOnlyHere(event.target.checked);
            }}
          />
          <span>
            Only in this window
            <span className={styles.hint}>Another window can then be somebody else, to race against.</span>
          </span>
        </label>
        <Button type="submit" isBusy={signIn.isPending}>
          {labels[signIn.isPending ? 1 : 0]}
        </Button>
        {children}
      </form>
      <HowItGoes />
    </div>
  );
}

/** Whether `values` were refused because of what the registration `lost` may have taken. */
function isTakenBy(lost: Values, values: Values, error: Error): boolean {
  return (
    (isProblemOf(error, 'email-taken') && lost.email === values.email) ||
    (isProblemOf(error, 'username-taken') && lost.username === values.username)
  );
}

function HowItGoes() {
  return (
    <section className={styles.stub} aria-label="How a drop goes">
      <ol>
        <li>
          <p>
            <strong>Reserve.</strong> One unit leaves the stock and is yours to buy.
          </p>
        </li>
        <li>
          <p>
            <strong>Hold.</strong> The ring shows how long, by the server’s clock.
          </p>
        </li>
        <li>
          <p>
            <strong>Buy, or let go.</strong> What is not bought in time goes back on sale.
          </p>
        </li>
      </ol>
    </section>
  );
}

/** What the server said of single fields, by their names. */
function errorsByField(error: Error | null): Readonly<Record<string, string>> {
  if (!(error instanceof ApiError)) return {};
  const { code, errors = [] } = error.problem;
  if (code === 'email-taken') return { email: explain(error).title };
  if (code === 'username-taken') return { username: explain(error).title };
  return Object.fromEntries(errors.map(({ path, message }) => [path.replace('body.', ''), `It ${message}`]));
}
