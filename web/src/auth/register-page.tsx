import { useRef } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { components } from '../api/contract.js';
import { isProblemOf } from '../api/problem.js';
import { asText, type FormFields } from '../forms/form-fields.js';
import { Page } from '../page/page.js';
import { AccountForm } from './account-form.js';
import { useAuth } from './use-auth.js';

type RegisterBody = components['schemas']['RegisterBody'];

const FIELDS: FormFields<RegisterBody> = {
  username: {
    label: 'Name',
    type: 'text',
    required: true,
    autoComplete: 'nickname',
    hint: '3 to 32 letters, digits or _ . - Shown to others when you buy.',
    minLength: 3,
    parse: asText,
  },
  email: { label: 'Email', type: 'email', required: true, autoComplete: 'username', parse: asText },
  password: {
    label: 'Password',
    type: 'password',
    required: true,
    autoComplete: 'new-password',
    hint: 'At least 6 characters.',
    minLength: 6,
    parse: asText,
  },
};

export function RegisterPage() {
  const { register } = useAuth();
  const [search] = useSearchParams();
  /** Registrations without a clear answer: a name or an e-mail in one of them that is taken may be the user's own. */
  const lostRef = useRef<RegisterBody[]>([]);
  return (
    <Page title="Create account">
      <AccountForm
        labels={['Create account', 'Creating account …']}
        fields={FIELDS}
        submit={register}
        mayHaveAccount={(error, body, isUncertain) => {
          if (isUncertain) lostRef.current.push(body);
          return isUncertain || lostRef.current.some((lost) => isTakenBy(lost, body, error));
        }}
      >
        {() => (
          <p>
            Already have an account? <Link href={`/sign-in?${search.toString()}`}>Sign in</Link>
          </p>
        )}
      </AccountForm>
    </Page>
  );
}

/** Whether `body` was refused because of what the registration `lost` may have taken. */
function isTakenBy(lost: RegisterBody, body: RegisterBody, error: Error): boolean {
  return (
    (isProblemOf(error, 'email-taken') && lost.email === body.email) ||
    (isProblemOf(error, 'username-taken') && lost.username === body.username)
  );
}
