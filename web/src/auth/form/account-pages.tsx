import type { ReactNode } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { Page } from '../../page/page.js';
import { useServices } from '../../services/services.js';
import { texts } from '../../texts/texts.js';
import { nextPath } from '../sign-in-href.js';
import type { FormPlace } from './account-form.js';
import styles from './account-pages.module.css';
import { RegisterForm } from './register-form.js';
import { SignInForm } from './sign-in-form.js';

/** Signs in, and then leads back to the page where the user came from. */
export function SignInPage() {
  const place = usePagePlace();
  return (
    <Page title={texts.common.signIn}>
      <Ticket>
        <SignInForm place={place} />
      </Ticket>
    </Page>
  );
}

/** Creates an account, and then leads back as {@link SignInPage} does. */
export function RegisterPage() {
  const place = usePagePlace();
  return (
    <Page title={texts.common.createAccount}>
      <Ticket>
        <RegisterForm place={place} />
      </Ticket>
    </Page>
  );
}

function usePagePlace(): FormPlace {
  const { notices } = useServices();
  const [search] = useSearchParams();
  const [, navigate] = useLocation();
  return {
    linkTo: (form, label) => <Link href={`/${form}?${search.toString()}`}>{label}</Link>,
    onSignedIn() {
      notices.show({ tone: 'good', title: texts.auth.signedIn });
      navigate(nextPath(search), { replace: true });
    },
  };
}

/** A form, and beside it how a drop works. */
function Ticket({ children }: { readonly children: ReactNode }) {
  const { label, steps } = texts.auth.howItWorks;
  return (
    <div className={styles.ticket}>
      <div className={styles.form}>{children}</div>
      <section className={styles.stub} aria-label={label}>
        <ol>
          {steps.map(({ title, text }) => (
            <li key={title}>
              <p>
                <strong>{title}</strong> {text}
              </p>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
