import type { BenchDatabase } from '../harness/database.js';

/** Where and when traffic is sent. */
export interface Target {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The drop that the honest users reserve. */
  readonly dropId: string;
  /** The first of the load users who belong to the attacker. */
  readonly firstAttacker: number;
  /** In ms since 1970. */
  readonly startAt: number;
  readonly endAt: number;
}

/** What was sent, and how the service answered. */
export interface Traffic {
  /** Requests per second that were sent during the attack; a write to a websocket is one. Its control sends as many. */
  readonly perSecond: number;
  /** Answers by status, and what else happened, such as "connection closed". */
  readonly answers: Answers;
}

export type Answers = Readonly<Record<string, number>>;

export interface Attack {
  /** Key for `--only`. */
  readonly name: string;
  /** What the attacker does. */
  readonly title: string;
  readonly clients: number;
  /** How many times as long the honest users' 99th percentile may be as under the control. */
  readonly bound: number;
  /** `none`: the attack is compared with a run without any other traffic. */
  readonly control: 'refused-tokens' | 'none';
  /** Also measures a user with an account of their own who signs in once a second. */
  readonly withSignIns?: boolean;
  /** Time for opening connections before the attack begins; {@link DEFAULT_PREPARATION_MS} if omitted. */
  readonly preparationMs?: number;
  /** Adds to the database what the attack needs. */
  setUp?(database: BenchDatabase, dropId: string): Promise<void>;
  /** Opens the connections at once, sends from `startAt` to `endAt`, and closes the connections. */
  send(target: Target): Promise<Traffic>;
}

/** Includes the start of the process. */
export const DEFAULT_PREPARATION_MS = 2_000;

/** Load users who belong to the attacker. */
export const ATTACKER_COUNT = 1_000;

/** The last of the load users. */
export function lastAttacker(firstAttacker: number): number {
  return firstAttacker + ATTACKER_COUNT - 1;
}

/** The password of every load user, for attacks on signing in. */
export const PASSWORD = 'correct-horse-battery-staple-71';
