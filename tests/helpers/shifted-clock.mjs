// Shifts the clock of a process, before any other module is loaded:
// CLOCK_SHIFT_MS=3600000 node --import ./shifted-clock.mjs …
// With OWN_CLOCK_DECIDES=true every statement uses that clock in place of PostgreSQL's, as a control.
import pg from 'pg';

const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
if (!Number.isFinite(shiftMs)) throw new Error('CLOCK_SHIFT_MS must be a number');

const realNow = Date.now;
const now = () => realNow() + shiftMs;
globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new Date().toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

if (process.env.OWN_CLOCK_DECIDES === 'true') {
  /** @type {{ query: (call: string | { text: string }, ...rest: unknown[]) => unknown }} */
  const client = /** @type {any} */ (pg.Client.prototype);
  const { query } = client;
  /** @param {string} sql */
  const withOwnClock = (sql) =>
    // A function, since statements also select FROM it.
    sql.replaceAll('clock_timestamp()', `date_trunc('milliseconds', '${new Date().toISOString()}'::timestamptz)`);
  client.query = function (call, ...rest) {
    if (typeof call === 'string') return query.call(this, withOwnClock(call), ...rest);
    call.text = withOwnClock(call.text);
    return query.call(this, call, ...rest);
  };
}
