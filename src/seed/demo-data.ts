// The demo data. All names are invented; times are relative to the moment of seeding.

/** The password of every demo account, for which production refuses them. */
export const DEMO_PASSWORD = '123456';

/** Minutes before (negative) or after the moment of seeding. */
type Minutes = number;

interface DemoUser {
  readonly username: string;
  readonly email: string;
  readonly role: 'admin' | 'user';
}

/** A demo user, with the password. */
export interface DemoAccount extends DemoUser {
  readonly password: string;
}

interface DemoDrop {
  readonly id: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly price: string;
  /** Left out: dollars. */
  readonly currency?: string;
  readonly description: string;
  readonly totalStock: number;
  readonly createdAt: Minutes;
  /** Left out: the moment of its creation. */
  readonly startsAt?: Minutes;
  readonly endsAt?: Minutes;
  readonly pausedAt?: Minutes;
  readonly cancelledAt?: Minutes;
  readonly limitPerUser?: number;
}

interface DemoPurchase {
  readonly id: string;
  readonly reservationId: string;
  /** E-mail of one of {@link DEMO_USERS}. */
  readonly buyer: string;
  readonly dropId: string;
  readonly boughtAt: Minutes;
}

/** How many rows of a kind were added, and how many existed. */
export interface SeedCounts {
  added: number;
  present: number;
}

const HOUR = 60;
const DAY = 24 * HOUR;

export const DEMO_USERS: readonly DemoUser[] = [
  { username: 'admin', email: 'admin@techzu.com', role: 'admin' },
  { username: 'johndoe', email: 'john@example.com', role: 'user' },
  { username: 'sarah_k', email: 'sarah@example.com', role: 'user' },
  { username: 'mike92', email: 'mike@example.com', role: 'user' },
  { username: 'emma_w', email: 'emma@example.com', role: 'user' },
];

/** The accounts that the sign-in page offers where an empty database is filled with the demo data. */
export const DEMO_ACCOUNTS: readonly DemoAccount[] = DEMO_USERS.map((user) => ({ ...user, password: DEMO_PASSWORD }));

/** What buyers read about the drops, in their order. */
const DESCRIPTIONS: readonly string[] = [
  'A light daily trainer in saffron mesh, with a gum sole and reflective eyelets.\nFits true to size. Unisex, 36 to 47.',
  '500 g loop-back cotton, cut boxy, with a lined hood and flat drawcords.\nWashed once, so it stays the size you buy.',
  'A 38 mm field watch with a sand-coloured dial, sapphire glass and a hand-wound movement.\nEach case is numbered on the back.',
  'Nine songs, recorded live in one night by the harbour. 180 g black vinyl in a gatefold sleeve.',
  'Rolls down to 18 litres and up to 28. Waterproof sailcloth, welded seams and a padded sleeve for a laptop.',
  'Sixty-four built-in games, a bright 3.5-inch screen and ten hours of battery.',
  'A 65 % board with hot-swappable switches and a gasket mount. The reef keycaps are made for this run only.',
  'The artist’s own proof of a two-colour linocut, signed and framed. There is exactly one.',
  'A powder-coated steel dome on a brass stem. Dims to a candle’s glow.\nBulb included.',
  'Seven plies of maple, pressed one by one. 8.25 inches wide, with a medium concave.',
  'A fixed 35 mm lens, a real shutter and a meter you can trust. Comes with two rolls of film.',
  'Thrown and glazed by hand in small batches. No two are quite alike.\nDishwasher safe.',
  'The seventh fox of the series, 18 cm tall, in glow-in-the-dark vinyl.',
  'Round acetate frames with polarised lenses, made to be repaired.',
  'Closed-back headphones with wool pads and a cable you can replace.',
  'Boiled wool, leather sleeves and a quilted lining. Opens in a week: choose your size now.',
  'A parlour guitar with a cedar top and birch sides. Three were built.',
  'Six panels of waxed cotton with a leather strap.',
  'A raw steel frame with a clear coat, built for the track.',
  'Trade, build and outwit up to four friends. First edition, with brass coins.',
];

// Newest first: the drops that can be bought are on the first page.
export const DEMO_DROPS: readonly DemoDrop[] = [
  drop(1, 'sneaker', 'Halvarsen Runner “Saffron”', '189.00', 120, { createdAt: -20, limitPerUser: 1 }),
  drop(2, 'hoodie', 'Moorjay Heavyweight Hoodie', '95.00', 500, { createdAt: -50, limitPerUser: 2 }),
  drop(3, 'watch', 'Orrinway Field Watch, dune dial', '420.00', 40, { createdAt: -90, limitPerUser: 1 }),
  drop(4, 'record', 'Low Tide Sessions, first pressing', '34.50', 300, { createdAt: -3 * HOUR }),
  drop(5, 'backpack', 'Trailhaven Rolltop 28 L', '160.00', 80, { createdAt: -4 * HOUR, startsAt: 15, limitPerUser: 1 }),
  drop(6, 'console', 'Pokkit 84 Handheld', '149.00', 75, { createdAt: -6 * HOUR, limitPerUser: 2 }),
  drop(7, 'keyboard', 'Tessellar 65 Keyboard “Reef”', '229.00', 60, { createdAt: -9 * HOUR, endsAt: 3 * DAY }),
  drop(8, 'poster', '“Moth and Lantern”, artist’s proof', '640.00', 1, {
    currency: 'GBP',
    createdAt: -12 * HOUR,
    limitPerUser: 1,
  }),
  drop(9, 'lamp', 'Domelight Table Lamp, coral', '118.00', 35, { createdAt: -18 * HOUR }),
  drop(10, 'skateboard', 'Switchback 8.25 Deck', '72.00', 150, { createdAt: -1 * DAY }),
  drop(11, 'camera', 'Viewlark 35 Film Camera', '365.00', 25, { createdAt: -26 * HOUR, startsAt: 1 * DAY }),
  drop(12, 'mug', 'Ember Glaze Stoneware Mug', '28.00', 200, { createdAt: -30 * HOUR, limitPerUser: 4 }),
  drop(13, 'figure', 'Kitsunari No. 7 Vinyl Figure', '9800.00', 2, {
    currency: 'JPY',
    createdAt: -2 * DAY,
    limitPerUser: 1,
  }),
  drop(14, 'sunglasses', 'Solvanne Round Sunglasses', '135.00', 90, { createdAt: -2.5 * DAY }),
  drop(15, 'headphones', 'Hushwell Studio Headphones', '310.00', 45, { createdAt: -3 * DAY, pausedAt: -5 * HOUR }),
  drop(16, 'jacket', 'Eastmoor Varsity Jacket', '275.00', 50, { createdAt: -4 * DAY, startsAt: 7 * DAY }),
  drop(17, 'guitar', 'Birchline Parlour Guitar', '1480.00', 3, { createdAt: -5 * DAY, limitPerUser: 1 }),
  drop(18, 'cap', 'Fernholt Six-Panel Cap', '38.00', 250, { createdAt: -8 * DAY, endsAt: -1 * DAY }),
  drop(19, 'bike', 'Corvane Track Bike, raw steel', '1950.00', 10, {
    currency: 'EUR',
    createdAt: -10 * DAY,
    cancelledAt: -6 * DAY,
  }),
  drop(20, 'board-game', 'Islands of Brass, first edition', '64.00', 400, { createdAt: -14 * DAY, endsAt: -7 * DAY }),
];

// They sell out the drops 8, 13 and 17, whose stock is 1, 2 and 3.
export const DEMO_PURCHASES: readonly DemoPurchase[] = [
  purchase(1, 17, 'sarah@example.com', -5 * DAY + 2),
  purchase(2, 17, 'john@example.com', -5 * DAY + 9),
  purchase(3, 17, 'emma@example.com', -4.5 * DAY),
  purchase(4, 13, 'mike@example.com', -2 * DAY + 1),
  purchase(5, 13, 'emma@example.com', -2 * DAY + 3),
  purchase(6, 8, 'john@example.com', -12 * HOUR + 1),
  purchase(7, 3, 'mike@example.com', -75),
  purchase(8, 2, 'sarah@example.com', -41),
  purchase(9, 1, 'john@example.com', -14),
  purchase(10, 1, 'sarah@example.com', -6),
];

type Details = Pick<
  DemoDrop,
  'currency' | 'createdAt' | 'startsAt' | 'endsAt' | 'pausedAt' | 'cancelledAt' | 'limitPerUser'
>;

function drop(
  number: number,
  image: string,
  name: string,
  price: string,
  totalStock: number,
  details: Details,
): DemoDrop {
  const description = DESCRIPTIONS[number - 1];
  if (description === undefined) throw new Error(`Demo drop ${number} has no description`);
  return { id: fixedId(1, number), name, description, imageUrl: `/images/${image}.svg`, price, totalStock, ...details };
}

function purchase(number: number, dropNumber: number, buyer: string, boughtAt: Minutes): DemoPurchase {
  return {
    id: fixedId(2, number),
    reservationId: fixedId(3, number),
    buyer,
    dropId: fixedId(1, dropNumber),
    boughtAt,
  };
}

/** A fixed UUID in the form of version 4, by which seeding again finds the row. */
function fixedId(kind: number, number: number): string {
  return `5eed000${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
