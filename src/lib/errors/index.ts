export * from './app-error.js';
export * from './operator-error.js';
export * from './problems.js';
export * from './request-errors.js';
