import bcrypt from 'bcryptjs';
import type { BenchDatabase } from '../../harness/database.js';
import { loadUser } from '../../harness/load-users.js';
import { ATTACKER_COUNT, PASSWORD, type Attack } from '../attack.js';
import { sendPacedRequests } from '../generators/paced-requests.js';
import { FIRST_ATTACKING_CLIENT, requestBytes, requestsOf } from '../generators/requests.js';

const ADDRESSES = 100;
const PER_SECOND = 200;
/** More than are answered at a time, so that the rate is reached while sign-ins wait. */
const CONNECTIONS = 1_000;
/** The cost that the service uses. */
const BCRYPT_COST = 10;

export const signInFlood: Attack = {
  name: 'sign-in-flood',
  title: `${PER_SECOND} sign-ins per second from ${ADDRESSES} addresses, with wrong passwords for ${ATTACKER_COUNT} accounts`,
  clients: ADDRESSES,
  bound: 2,
  control: 'refused-tokens',
  withSignIns: true,
  preparationMs: 4_000,
  setUp: setPasswords,
  send(target) {
    const requests = requestsOf(ATTACKER_COUNT, (index) =>
      requestBytes('POST', '/api/users/login', {
        body: { email: emailOf(target.firstAttacker + index), password: `wrong-${index}-password` },
        client: FIRST_ATTACKING_CLIENT + (index % ADDRESSES),
      }),
    );
    return sendPacedRequests(target, { connections: CONNECTIONS, perSecond: PER_SECOND, request: requests });
  },
};

export const registrationFlood: Attack = {
  name: 'registration-flood',
  title: `${PER_SECOND} registrations per second from ${ADDRESSES} addresses, each of another account`,
  clients: ADDRESSES,
  bound: 2,
  control: 'refused-tokens',
  withSignIns: true,
  preparationMs: 4_000,
  setUp: setPasswords,
  send(target) {
    const run = Math.round(target.startAt).toString(36);
    return sendPacedRequests(target, {
      connections: CONNECTIONS,
      perSecond: PER_SECOND,
      request: (sequence) =>
        requestBytes('POST', '/api/users/register', {
          body: {
            username: `new_${run}_${sequence}`,
            email: `new-${run}-${sequence}@bench.invalid`,
            password: `a-new-password-${run}-${sequence}`,
          },
          client: FIRST_ATTACKING_CLIENT + (sequence % ADDRESSES),
        }),
    });
  },
};

export function emailOf(user: number): string {
  return `${loadUser(user).username}@bench.invalid`;
}

/** Gives every load user the password {@link PASSWORD}. */
export async function setPasswords({ query }: BenchDatabase): Promise<void> {
  // A trigger would end the tokens of users whose password changes, with which they reserve.
  await query('ALTER TABLE users DISABLE TRIGGER USER');
  await query('UPDATE users SET password_hash = $1', [await bcrypt.hash(PASSWORD, BCRYPT_COST)]);
  await query('ALTER TABLE users ENABLE TRIGGER USER');
  await query('CHECKPOINT');
}
