import type { Page } from 'playwright';
import type { DemoUsers } from './demo-users.js';
import { PHONE, type Shot } from './shot.js';

const WIDE = { width: 1200, height: 1000 };

const draft = async (users: DemoUsers) => `/admin/drops/${await users.createDrop({ isPublished: false })}`;
/** The page of a drop that customers have reserved and bought. */
const sold =
  (query = '') =>
  async (users: DemoUsers) => {
    const id = await users.createDrop({ isPublished: true });
    await users.sellOut(id);
    return `/admin/drops/${id}${query}`;
  };

const toLists = async (page: Page) => {
  await page.getByRole('region', { name: /^(Reservations|Buyers|History)$/ }).scrollIntoViewIfNeeded();
};

const STEPS: readonly Shot[] = [
  {
    name: 'organiser-new',
    path: '/admin/new',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Meridian Watch');
      await page.getByRole('textbox', { name: 'Price' }).fill('240.00');
      await page.getByRole('spinbutton', { name: 'Units', exact: true }).fill('14');
      await page.getByRole('button', { name: 'watch' }).click();
    },
  },
  { name: 'organiser-draft', path: draft },
  { name: 'organiser-live', path: sold() },
  {
    name: 'organiser-release',
    path: sold(),
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /^Release/ })
        .first()
        .click();
      await page.getByRole('textbox', { name: 'Reason' }).last().fill('Asked for by phone');
    },
  },
  { name: 'organiser-history', path: sold('?list=history'), prepare: toLists },
  {
    name: 'organiser-export',
    path: sold('?list=buyers'),
    prepare: async (page) => {
      await toLists(page);
      await page.getByRole('button', { name: /^Export CSV/ }).click();
      await page.getByText('Exported as CSV').waitFor();
    },
  },
];

/** A drop as its organiser runs it, from the draft to the export, on a large screen and on a phone. */
export const RUNNING_A_DROP: readonly Shot[] = STEPS.flatMap((step) => [
  { ...step, as: 'admin', options: { viewport: WIDE } },
  {
    ...step,
    name: `${step.name}-phone`,
    as: 'admin',
    options: { viewport: PHONE, hasTouch: true, isMobile: true },
  },
]);
