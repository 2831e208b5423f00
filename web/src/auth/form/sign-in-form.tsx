import { useState } from 'react';
import type { components } from '../../api/contract.js';
import { asText, type FormFields } from '../../forms/form-fields.js';
import { texts } from '../../texts/texts.js';
import { useAuth } from '../use-auth.js';
import { AccountForm, type FormPlace } from './account-form.js';
import { DemoAccounts, readDemoAccounts } from './demo-accounts.js';

const FIELDS: FormFields<components['schemas']['LoginBody']> = {
  email: { label: texts.common.email, type: 'email', required: true, autoComplete: 'username', parse: asText },
  password: {
    label: texts.common.password,
    type: 'password',
    required: true,
    autoComplete: 'current-password',
    parse: asText,
  },
};

/** Signs in with an account; in development also with a demo account, by one click. */
export function SignInForm({ place }: { readonly place: FormPlace }) {
  const { signIn } = useAuth();
  const [demoAccounts] = useState(() => readDemoAccounts(document));
  return (
    <AccountForm place={place} labels={[texts.common.signIn, texts.auth.signIn.busy]} fields={FIELDS} submit={signIn}>
      {(submit) => (
        <>
          <p>
            {texts.auth.signIn.noAccount} {place.linkTo('register', texts.common.createAccount)}
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
  );
}
