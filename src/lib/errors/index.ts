export * from './app-error.js';
export * from './operator-error.js';
export * from './problem-codes.js';
export * from './request-errors.js';
