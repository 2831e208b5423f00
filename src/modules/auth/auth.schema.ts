import { z } from 'zod';
import type { User } from '../../generated/prisma/client.js';
import { UserRole } from '../../generated/prisma/enums.js';
import { MAX_PASSWORD_BYTES } from '../../lib/auth/passwords.js';
import { toIso, toIsoOrNull } from '../../lib/time.js';
import { isoTime, uuid } from '../../lib/validation/schema-primitives.js';
import { maxCharacters, minCharacters, normalizedText, text } from '../../lib/validation/text.js';

const MAX_EMAIL_LENGTH = 254;
const MIN_PASSWORD_LENGTH = 6;
/** Longer than any valid password; limits the cost of hashing. */
const MAX_TRIED_PASSWORD_LENGTH = 1024;

/** A password that is chosen now. In production {@link PasswordRules} apply as well, which the service checks. */
export const newPassword = minCharacters(normalizedText, MIN_PASSWORD_LENGTH)
  .refine((value) => Buffer.byteLength(value) <= MAX_PASSWORD_BYTES, `must be at most ${MAX_PASSWORD_BYTES} bytes`)
  .meta({
    description:
      '6 characters to 72 bytes, in Unicode’s normalization form C. In production not one of the most common passwords, ' +
      'the username or the e-mail.',
    example: 'correct horse',
  });

/** A password to compare. Not normalized: the hash of an older account may be of another form. */
export const triedPassword = text
  .min(1)
  .max(MAX_TRIED_PASSWORD_LENGTH)
  .meta({ description: 'The password of the account.', example: 'correct horse' });

export const RegisterBody = z
  .object({
    username: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{3,32}$/, 'must be 3 to 32 letters, digits or _ . -')
      .meta({
        description: '3 to 32 letters, digits or `_` `.` `-`; shown to others after a purchase.',
        example: 'ada_l',
      }),
    email: z
      .email('must be an e-mail address')
      .max(MAX_EMAIL_LENGTH)
      .meta({ description: 'Visible to the user and to admins only.', example: 'ada@example.com' }),
    password: newPassword,
  })
  .meta({ id: 'RegisterBody' });
export type RegisterBody = z.infer<typeof RegisterBody>;

export const LoginBody = z
  .object({
    email: maxCharacters(normalizedText.min(1), MAX_EMAIL_LENGTH).meta({
      description: 'Upper and lower case are the same.',
      example: 'ada@example.com',
    }),
    password: triedPassword,
  })
  .meta({ id: 'LoginBody' });
export type LoginBody = z.infer<typeof LoginBody>;

export const UserParams = z.object({ id: uuid.meta({ description: 'Id of the user.' }) });

const user = {
  id: uuid.meta({ description: 'Id of the user.' }),
  username: z.string().meta({ description: 'Shown to others.' }),
  email: z.string().meta({ description: 'Visible to the user and to admins only.' }),
  role: z.enum(UserRole).meta({ description: 'Admins create drops.' }),
};

export const SessionResponse = z
  .object({
    user: z.object(user).meta({ description: 'The account.' }),
    token: z.string().meta({ description: 'Send it as `Authorization: Bearer …`, and to sockets as `auth.token`.' }),
  })
  .meta({ id: 'Session', description: 'The account that signed in, and its token.' });
export type SessionResponse = z.infer<typeof SessionResponse>;

export const ProfileResponse = z
  .object({
    ...user,
    createdAt: isoTime.meta({ description: 'When the account was created.' }),
    disabledAt: isoTime
      .nullable()
      .meta({ description: 'When an admin disabled the account; null if it is not disabled.' }),
    disabledReason: z
      .string()
      .nullable()
      .meta({ description: 'The reason that the admin gave; null if there is none.' }),
    enabledAt: isoTime
      .nullable()
      .meta({ description: 'When it was enabled again; null if it is disabled, or never was.' }),
    enabledReason: z
      .string()
      .nullable()
      .meta({ description: 'The reason that the admin gave for that; null if there is none.' }),
  })
  .meta({ id: 'Profile', description: 'An account.' });
export type ProfileResponse = z.infer<typeof ProfileResponse>;

/** An account as its owner and admins see it. */
export function toProfileResponse(account: Pick<User, keyof ProfileResponse>): ProfileResponse {
  const { id, username, email, role, createdAt, disabledReason, enabledReason } = account;
  const [disabledAt, enabledAt] = [toIsoOrNull(account.disabledAt), toIsoOrNull(account.enabledAt)];
  return {
    id,
    username,
    email,
    role,
    createdAt: toIso(createdAt),
    disabledAt,
    disabledReason,
    enabledAt,
    enabledReason,
  };
}
