// Loaded before the service in another process: SIGUSR2 throws an uncaught error, of the kind in the environment variable
// UNCAUGHT.
/** @type {Record<string, () => Error>} */
const errors = {
  connection: () => new Error('Connection terminated unexpectedly'),
  reset: () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  defect: () => new TypeError('a defect of the test'),
};
const { UNCAUGHT = 'defect', REJECTED } = process.env;

process.on('SIGUSR2', () => {
  const error = errors[UNCAUGHT]?.() ?? new Error(`no such error: ${UNCAUGHT}`);
  if (REJECTED) void Promise.reject(error);
  else
    setImmediate(() => {
      throw error;
    });
});
