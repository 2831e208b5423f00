import { useRef } from 'react';
import type { components } from '../../api/contract.js';
import { isProblemOf } from '../../api/problem.js';
import { asText, type FormFields } from '../../forms/form-fields.js';
import { texts } from '../../texts/texts.js';
import { useAuth } from '../use-auth.js';
import { AccountForm, type FormPlace } from './account-form.js';

type RegisterBody = components['schemas']['RegisterBody'];

const FIELDS: FormFields<RegisterBody> = {
  username: {
    label: texts.common.userName,
    type: 'text',
    required: true,
    autoComplete: 'nickname',
    hint: texts.auth.register.nameHint,
    minLength: 3,
    parse: asText,
  },
  email: { label: texts.common.email, type: 'email', required: true, autoComplete: 'username', parse: asText },
  password: {
    label: texts.common.password,
    type: 'password',
    required: true,
    autoComplete: 'new-password',
    hint: texts.common.passwordHint,
    minLength: 6,
    parse: asText,
  },
};

/** Creates an account and signs in with it. */
export function RegisterForm({ place }: { readonly place: FormPlace }) {
  const { register } = useAuth();
  /** Registrations without a clear answer: a name or an e-mail in one of them that is taken may be the user's own. */
  const lostRef = useRef<RegisterBody[]>([]);
  return (
    <AccountForm
      place={place}
      labels={[texts.common.createAccount, texts.auth.register.busy]}
      fields={FIELDS}
      submit={register}
      mayHaveAccount={(error, body, isUncertain) => {
        if (isUncertain) lostRef.current.push(body);
        return isUncertain || lostRef.current.some((lost) => isTakenBy(lost, body, error));
      }}
    >
      {() => (
        <p>
          {texts.auth.register.haveAccount} {place.linkTo('sign-in', texts.common.signIn)}
        </p>
      )}
    </AccountForm>
  );
}

/** Whether `body` was refused because of what the registration `lost` may have taken. */
function isTakenBy(lost: RegisterBody, body: RegisterBody, error: Error): boolean {
  return (
    (isProblemOf(error, 'email-taken') && lost.email === body.email) ||
    (isProblemOf(error, 'username-taken') && lost.username === body.username)
  );
}
