// npx prisma db seed: the same as npm run seed.
import '../src/commands/seed.js';
