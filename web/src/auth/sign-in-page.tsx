import { Link, useSearchParams } from 'wouter';
import { Page } from '../shell/page.js';
import { AccountForm } from './account-form.js';
import { useAuth } from './use-auth.js';

export function SignInPage() {
  const { signIn } = useAuth();
  const [search] = useSearchParams();
  return (
    <Page title="Sign in">
      <AccountForm
        labels={['Sign in', 'Signing in …']}
        fields={[
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
        ]}
        submit={({ email = '', password = '' }, onlyHere) => signIn({ email, password }, onlyHere)}
      >
        <p>
          No account yet? <Link href={`/register?${search.toString()}`}>Register</Link>
        </p>
      </AccountForm>
    </Page>
  );
}
