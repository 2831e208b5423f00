// After npm install: generates Prisma's client for editors, type checks and tests. An installation without the development
// dependencies contains dist/ and does not need it.
import { buildIfNeeded, fail, hasDevDependencies } from './build-if-needed.mjs';

if (hasDevDependencies()) await buildIfNeeded({ clientOnly: true }).catch(fail);
