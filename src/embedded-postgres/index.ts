export {
  findRunningEmbeddedPostgres,
  openEmbeddedPostgres,
  type DatabaseServer,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.js';
export { EmbeddedPostgresError } from './errors.js';
export { openTemporaryPostgres } from './temporary.js';
