import { Link, useSearchParams } from 'wouter';
import { Page } from '../shell/page.js';
import { AccountForm } from './account-form.js';
import { useAuth } from './use-auth.js';

export function RegisterPage() {
  const { register } = useAuth();
  const [search] = useSearchParams();
  return (
    <Page title="Register">
      <AccountForm
        isRegistration
        labels={['Register', 'Registering …']}
        fields={[
          {
            name: 'username',
            label: 'Name',
            type: 'text',
            autoComplete: 'nickname',
            hint: '3 to 32 letters, digits or _ . - Others see it when you buy.',
            minLength: 3,
          },
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
          {
            name: 'password',
            label: 'Password',
            type: 'password',
            autoComplete: 'new-password',
            hint: 'At least 6 characters.',
            minLength: 6,
          },
        ]}
        submit={({ username = '', email = '', password = '' }, onlyHere) =>
          register({ username, email, password }, onlyHere)
        }
      >
        <p>
          You have an account? <Link href={`/sign-in?${search.toString()}`}>Sign in</Link>
        </p>
      </AccountForm>
    </Page>
  );
}
