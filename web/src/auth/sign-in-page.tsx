import { Link, useSearchParams } from 'wouter';
import type { components } from '../api/contract.js';
import { asText, type FormFields } from '../forms/form-fields.js';
import { Page } from '../page/page.js';
import { AccountForm } from './account-form.js';
import { useAuth } from './use-auth.js';

const FIELDS: FormFields<components['schemas']['LoginBody']> = {
  email: { label: 'E-mail', type: 'email', required: true, autoComplete: 'username', parse: asText },
  password: { label: 'Password', type: 'password', required: true, autoComplete: 'current-password', parse: asText },
};

export function SignInPage() {
  const { signIn } = useAuth();
  const [search] = useSearchParams();
  return (
    <Page title="Sign in">
      <AccountForm labels={['Sign in', 'Signing in …']} fields={FIELDS} submit={signIn}>
        <p>
          No account yet? <Link href={`/register?${search.toString()}`}>Register</Link>
        </p>
      </AccountForm>
    </Page>
  );
}
