// Loaded before the service in a process of its own: SIGUSR2 makes it meet an error that nothing handles, of the kind that
// the environment names.
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
