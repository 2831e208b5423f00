import { z } from 'zod';
import { reason } from '../../lib/validation/text.js';
import { newPassword, triedPassword } from '../auth/auth.schema.js';

export const ChangePasswordBody = z
  .object({ currentPassword: triedPassword, newPassword })
  .meta({ id: 'ChangePasswordBody' });
export type ChangePasswordBody = z.infer<typeof ChangePasswordBody>;

export const TokenResponse = z
  .object({ token: z.string().meta({ description: 'The only token of the account that is valid now.' }) })
  .meta({ id: 'Token', description: 'A new token.' });

export const EraseAccountBody = z.object({ password: triedPassword }).meta({ id: 'EraseAccountBody' });
export type EraseAccountBody = z.infer<typeof EraseAccountBody>;

/** Of disabling and enabling. The body may be left out. */
export const CloseAccountBody = z
  .object({
    reason: reason
      .optional()
      .meta({ description: 'Why, for other admins and for the export of the account.', example: 'Stolen card' }),
  })
  .default({})
  .meta({ id: 'CloseAccountBody' });
export type CloseAccountBody = z.output<typeof CloseAccountBody>;
