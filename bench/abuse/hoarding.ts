import { table } from '../report/report.js';
import { clock } from '../processes/child.js';
import { FIRST_ATTACKING_CLIENT } from './generators/requests.js';
import type { BuyersPlan, BuyersResult } from './processes/drop-buyers.js';
import { startService, type Arena } from './run-attack.js';

/** Key for `--only`. */
export const hoarding = {
  name: 'hoarding',
  title: 'accounts that hold the 100 units of a drop in turn and never pay: the share that other buyers get',
};

type Settings = Readonly<Record<string, string>>;

interface Scenario {
  /** Users who buy the unit they get. */
  readonly buyers: number;
  readonly hoarders: number;
  /** How often each hoarder tries while they have no unit; a buyer tries once a second. */
  readonly attemptsPerSecond: number;
  /** In words. */
  readonly coolDown: string;
  readonly settings: Settings;
}

export interface HoardingRun extends Scenario {
  readonly honest: BuyersResult;
  readonly hoarding: BuyersResult;
}

const UNITS = 100;
const ADDRESSES = 36;
const HOLD_SECONDS = 6;
const HOLD_PERIODS = 5;
const MIN_SHARE = 0.8;
/** Includes the start of the processes, which sign a token for each user. */
const PREPARATION_MS = 3_000;

/** The scenario with a bound: as many buyers as hoarders. */
const AS_MANY = { buyers: 500, hoarders: 500, attemptsPerSecond: 1 };
const FEWER_BUYERS = { buyers: 200, hoarders: 500, attemptsPerSecond: 1 };
const FASTER_HOARDERS = { buyers: 200, hoarders: 150, attemptsPerSecond: 10 };
const OFF = { coolDown: 'off', settings: { HOLD_COOL_DOWN_AFTER: '0' } };
const DEFAULT = { coolDown: 'by default', settings: {} };

/** The runs without a cool-down are the controls. */
const SCENARIOS: readonly Scenario[] = [AS_MANY, FEWER_BUYERS, FASTER_HOARDERS].flatMap((users) => [
  { ...users, ...OFF },
  { ...users, ...DEFAULT },
]);

/** Lets hoarders and buyers compete for one drop, without a cool-down and with it. */
export async function measureHoarding(arena: Arena): Promise<HoardingRun[]> {
  const runs: HoardingRun[] = [];
  for (const scenario of SCENARIOS) {
    arena.signal.throwIfAborted();
    const { hoarders, buyers, coolDown } = scenario;
    arena.onRun(`${hoarding.name}: ${hoarders} hoarders, ${buyers} buyers, cool-down ${coolDown}`);
    runs.push({ ...scenario, ...(await run(arena, scenario)) });
  }
  return runs;
}

async function run(arena: Arena, { buyers, hoarders, attemptsPerSecond, settings }: Scenario) {
  const database = await arena.postgres.createDatabase();
  const dropId = await database.createDrop(UNITS);
  const service = startService(arena, database, {
    settings: { ...settings, RESERVATION_TTL_SECONDS: String(HOLD_SECONDS) },
  });
  try {
    const { port } = await service.result;
    const startAt = clock() + PREPARATION_MS;
    const endAt = startAt + HOLD_PERIODS * HOLD_SECONDS * 1000;
    const common = { port, dropId, followsFeed: true, startAt, endAt };
    const send = (plan: Omit<BuyersPlan, keyof typeof common>) =>
      arena.children.run<BuyersResult>('../abuse/processes/drop-buyers', { ...common, ...plan } satisfies BuyersPlan);
    const [honest, hoarding] = await Promise.all([
      send({ firstUser: 0, count: buyers, firstAddress: 0, addresses: buyers, attemptsPerSecond: 1, buys: true }),
      send({
        firstUser: buyers,
        count: hoarders,
        firstAddress: FIRST_ATTACKING_CLIENT,
        addresses: ADDRESSES,
        attemptsPerSecond,
        buys: false,
      }),
    ]);
    return { honest, hoarding };
  } finally {
    await service.stop();
    await database.drop();
  }
}

/** Whether enough units reach other buyers, of whom there are as many as hoarders, with the default settings. */
export function isWithinHoardingBound(runs: readonly HoardingRun[]): boolean {
  return runs
    .filter(({ buyers, coolDown }) => buyers === AS_MANY.buyers && coolDown === DEFAULT.coolDown)
    .every(({ honest }) => honest.bought >= MIN_SHARE * UNITS);
}

/** The runs as a table in Markdown. */
export function hoardingToMarkdown(runs: readonly HoardingRun[]): string {
  const head = [
    'Buyers',
    'Hoarders',
    'Cool-down',
    'Holds of hoarders',
    'Attempts refused by it',
    `Bought by others within ${HOLD_PERIODS} hold periods`,
  ];
  const rows = runs.map(({ buyers, hoarders, attemptsPerSecond, coolDown, honest, hoarding: { answers } }) => [
    String(buyers),
    `${hoarders}, each ${attemptsPerSecond} a second`,
    coolDown,
    String(answers[201] ?? 0),
    String(answers['cool-down'] ?? 0),
    `**${honest.bought} of ${UNITS}**`,
  ]);
  const bound = `${isWithinHoardingBound(runs) ? '✔' : '✘'} ≥ ${MIN_SHARE * UNITS} with ${AS_MANY.buyers} buyers and the default settings`;
  const title = `${hoarding.title} (holds of ${HOLD_SECONDS} s). Bound: ${bound}.`;
  return [`**${hoarding.name}**: ${title}`, table(head, rows)].join('\n\n');
}
