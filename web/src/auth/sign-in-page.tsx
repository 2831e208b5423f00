import { useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { components } from '../api/contract.js';
import { asText, type FormFields } from '../forms/form-fields.js';
import { Page } from '../page/page.js';
import { AccountForm } from './account-form.js';
import { DemoAccounts, readDemoAccounts } from './demo-accounts.js';
import { useAuth } from './use-auth.js';

const FIELDS: FormFields<components['schemas']['LoginBody']> = {
  email: { label: 'Email', type: 'email', required: true, autoComplete: 'username', parse: asText },
  password: { label: 'Password', type: 'password', required: true, autoComplete: 'current-password', parse: asText },
};

export function SignInPage() {
  const { signIn } = useAuth();
  const [search] = useSearchParams();
  const [demoAccounts] = useState(() => readDemoAccounts(document));
  return (
    <Page title="Sign in">
      <AccountForm labels={['Sign in', 'Signing in …']} fields={FIELDS} submit={signIn}>
        {(submit) => (
          <>
            <p>
              No account yet? <Link href={`/register?${search.toString()}`}>Create account</Link>
            </p>
            {demoAccounts.length > 0 && (
              <DemoAccounts
                accounts={demoAccounts}
                onPick={({ email, password }) => {
                  submit({ email, password });
                }}
              />
            )}
          </>
        )}
      </AccountForm>
    </Page>
  );
}
