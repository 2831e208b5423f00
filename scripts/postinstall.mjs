// After npm install: makes Prisma's client, so that editors, type checks and tests find it. An installation without the
// development dependencies brings its own dist/ and needs none.
import { buildIfNeeded, fail, hasDevDependencies } from './build-if-needed.mjs';

if (hasDevDependencies()) await buildIfNeeded({ clientOnly: true }).catch(fail);
