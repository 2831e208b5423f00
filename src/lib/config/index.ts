import { parseConfig, type Config } from './config.js';
import { readEnvironment } from './environment.js';

export { ConfigError, parseConfig, type Config } from './config.js';
export { readEnvironment, type Environment } from './environment.js';

/** The configuration of this process. @throws {ConfigError} naming every wrong setting at once. */
export function loadConfig(): Config {
  return parseConfig(readEnvironment());
}
