import type { FigureGoal, Goal } from '../goals.js';
import type { Question } from '../question.js';
import type { Round, Rounds } from './rounds.js';
import { spreadOf, type Spread } from './statistics.js';

/** How a ratio stands to what is promised of it. */
export type Verdict = 'target' | 'floor' | 'missed';

export interface Ratio {
  /** The variant the subject is compared with. */
  readonly over: string;
  readonly spread: Spread;
  readonly goal?: { readonly floor: number; readonly target: number; readonly verdict: Verdict };
}

/** A figure of the subject of which something is promised. */
export interface PromisedFigure {
  readonly fact: string;
  readonly spread: Spread;
  readonly goal: FigureGoal & { readonly verdict: Verdict };
}

/** What the tables show of a question. */
export interface Answer {
  readonly question: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly subject: string;
  readonly baseline: string;
  /** How many asked at once. */
  readonly connections: number;
  readonly rounds: readonly Round[];
  readonly repeatedRounds: number;
  readonly variants: readonly {
    readonly name: string;
    readonly title: string;
    readonly spread: Spread;
    /** Medians. */
    readonly facts: Readonly<Record<string, number>>;
  }[];
  readonly ratios: readonly Ratio[];
  /** None in results that were kept before there were any. */
  readonly figures?: readonly PromisedFigure[];
}

/** Turns the rounds of a question into figures. Ratios are made inside a round, and their median taken. */
export function answerOf(
  question: Question,
  { kept, repeated }: Rounds,
  goals: readonly Goal[],
  figureGoals: readonly FigureGoal[] = [],
): Omit<Answer, 'connections'> {
  const measured = question.variants.filter(({ name }) => kept.every(({ measurements }) => measurements[name]));
  const values = (name: string) => kept.map(({ measurements }) => measurements[name]?.value ?? NaN);
  const subject = values(question.subject);
  return {
    question: question.name,
    title: question.title,
    unit: question.unit,
    better: question.better,
    subject: question.subject,
    baseline: question.baseline,
    rounds: kept,
    repeatedRounds: repeated,
    variants: measured.map(({ name, title }) => ({
      name,
      title,
      spread: spreadOf(values(name)),
      facts: factsOf(kept, name),
    })),
    ratios: measured
      .filter(({ name }) => name !== question.subject)
      .map(({ name: over }) => {
        const others = values(over);
        const spread = spreadOf(subject.map((value, round) => value / (others[round] ?? NaN)));
        const goal = goals.find((each) => each.question === question.name && each.over === over);
        if (!goal) return { over, spread };
        const { floor, target } = goal;
        return { over, spread, goal: { floor, target, verdict: judge(spread.median, goal, question.better) } };
      }),
    figures: figureGoals
      .filter((goal) => goal.question === question.name)
      .map((goal) => {
        const spread = spreadOf(
          kept.map(({ measurements }) => measurements[question.subject]?.facts[goal.fact] ?? NaN),
        );
        return { fact: goal.fact, spread, goal: { ...goal, verdict: judge(spread.median, goal, goal.better) } };
      }),
  };
}

/** Whether a ratio keeps the promise. */
export function judge(
  ratio: number,
  { floor, target }: Pick<Goal, 'floor' | 'target'>,
  better: Question['better'],
): Verdict {
  const reaches = (mark: number) => (better === 'higher' ? ratio >= mark : ratio <= mark);
  if (reaches(target)) return 'target';
  return reaches(floor) ? 'floor' : 'missed';
}

function factsOf(rounds: readonly Round[], name: string): Record<string, number> {
  const names = Object.keys(rounds[0]?.measurements[name]?.facts ?? {});
  return Object.fromEntries(
    names.map((fact) => [
      fact,
      spreadOf(rounds.map(({ measurements }) => measurements[name]?.facts[fact] ?? NaN)).median,
    ]),
  );
}
