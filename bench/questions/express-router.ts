import { bareExpressVariant, withoutDatabase } from '../harness/hot-drop.js';
import type { Question } from '../question.js';

/** What serving a route ahead of Express's router saves; the reservation itself is a constant. Answers a second. */
export const expressRouter: Question = {
  name: 'express-router',
  title: "The HTTP stack without a database, ahead of Express's router",
  unit: 'answers/s',
  better: 'higher',
  subject: 'ahead',
  baseline: 'by-router',
  variants: [
    { name: 'ahead', title: 'ours', measure: withoutDatabase() },
    {
      name: 'by-router',
      title: "the same by way of Express's router",
      measure: withoutDatabase({ 'dist/app.js': 'by-router-app.js' }),
    },
    bareExpressVariant,
  ],
};
