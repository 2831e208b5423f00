import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/commands/run-command.js';
import { describeFailure } from '../../src/lib/errors/operator-error.js';
import { createLogger } from '../../src/lib/logger.js';
import { createChildren } from '../harness/children.js';
import { openBenchPostgres } from '../harness/database.js';
import { describeCommit, describeMachine } from '../report/run-environment.js';
import { attacks } from './attacks/index.js';
import {
  descriptorsToMarkdown,
  hostileConnections,
  isWithinDescriptorBounds,
  measureDescriptors,
  type DescriptorReport,
} from './descriptors.js';
import { hoarding, hoardingToMarkdown, isWithinHoardingBound, measureHoarding, type HoardingRun } from './hoarding.js';
import { listOf, parseOptions, usage, type Options } from './options.js';
import { describeResult, toMarkdown, type ReportedAttack } from './report.js';
import { runAttack, userCountOf, type Arena } from './run-attack.js';
import {
  isWithinTimingBound,
  measureTiming,
  signInTiming,
  timingToMarkdown,
  type TimingReport,
} from './sign-in-timing.js';
import { summarize, type AttackRuns } from './summary.js';

const ALL = [...attacks, hoarding, hostileConnections, signInTiming];

/** The compiled file is in .build-bench/bench/abuse/. */
const ROOT = join(import.meta.dirname, '../../..');

await runCommand(main, { takesArguments: true });

async function main(signal: AbortSignal): Promise<void> {
  const options = parseOptions(
    process.argv.slice(2),
    ALL.map(({ name }) => name),
  );
  if (options.help || options.list) {
    console.log(options.help ? usage(ALL) : listOf(ALL));
    return;
  }
  const isWithinBounds = await runAll(options, signal).catch((error: unknown) => {
    // After an abort, errors of the killed child processes say nothing more.
    signal.throwIfAborted();
    throw error;
  });
  if (options.check && !isWithinBounds) process.exitCode = 1;
}

/** Runs the attacks and reports them. Returns whether all bounds hold. */
async function runAll({ only, pairs, seconds, json }: Options, signal: AbortSignal): Promise<boolean> {
  const machine = await describeMachine();
  const commit = await describeCommit(ROOT);
  const isSelected = ({ name }: { name: string }) => only.length === 0 || only.includes(name);
  const children = createChildren();
  signal.addEventListener('abort', () => {
    children.killAll();
  });
  const folder = await mkdtemp(join(tmpdir(), 'drop-inventory-abuse-'));
  const postgres = await openBenchPostgres(createLogger({ logLevel: 'error' }), userCountOf({ pairs, seconds }));
  const runs: Record<string, AttackRuns> = {};
  const reported: ReportedAttack[] = [];
  let hoardingRuns: readonly HoardingRun[] | null = null;
  let descriptors: DescriptorReport | null = null;
  let timing: TimingReport | null = null;
  try {
    const onRun = (name: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${name}\n`);
    const arena: Arena = { postgres, children, signal, folder, pairs, seconds, onRun };
    for (const attack of attacks.filter(isSelected)) {
      // The attacks that follow run all the same.
      const measured = await runAttack(arena, attack).catch((error: unknown): AttackRuns => {
        signal.throwIfAborted();
        return { pairs: [], failure: describeFailure(error) };
      });
      runs[attack.name] = measured;
      const summary = measured.pairs.length > 0 ? summarize(measured, attack) : null;
      reported.push({ attack, summary, failure: measured.failure });
      onRun(`${attack.name}: ${describeResult(summary, measured.failure)}`);
    }
    if (isSelected(hoarding)) hoardingRuns = await measureHoarding(arena);
    if (isSelected(hostileConnections) && process.platform === 'linux') descriptors = await measureDescriptors(arena);
    if (isSelected(signInTiming)) timing = await measureTiming(arena);
  } finally {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  }
  const date = new Date().toISOString();
  if (reported.length > 0) console.log(`\n${toMarkdown(reported)}\n`);
  if (hoardingRuns) console.log(`\n${hoardingToMarkdown(hoardingRuns)}\n`);
  if (descriptors) console.log(`\n${descriptorsToMarkdown(descriptors)}\n`);
  if (timing) console.log(`\n${timingToMarkdown(timing)}\n`);
  console.log(
    `${date}, commit ${commit}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load average before: ` +
      `${machine.busy.toFixed(1)}; ${pairs} pairs of ${seconds} s`,
  );
  if (json !== undefined) {
    const summaries = Object.fromEntries(reported.map(({ attack, summary }) => [attack.name, summary]));
    await writeFile(
      json,
      `${JSON.stringify({ date, commit, machine, pairs, seconds, summaries, hoarding: hoardingRuns, descriptors, timing, runs }, null, 1)}\n`,
    );
  }
  return (
    (hoardingRuns === null || isWithinHoardingBound(hoardingRuns)) &&
    (descriptors === null || isWithinDescriptorBounds(descriptors)) &&
    (timing === null || isWithinTimingBound(timing)) &&
    reported.every(({ summary, failure }) => failure === null && summary?.isWithinBound)
  );
}
