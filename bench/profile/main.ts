import { runCommand } from '../../src/commands/run-command.js';
import { OperatorError } from '../../src/lib/errors/operator-error.js';
import { createLogger } from '../../src/lib/logger.js';
import { openBench } from '../harness/open-bench.js';
import { profileReport } from './report.js';
import { profileScenario, scenarios } from './scenarios.js';

const USAGE = `Profiles the route that reserves a unit, in the production build under load; docs/performance.md describes the method.

  npm run profile                   all scenarios
  npm run profile -- <scenario>     those named

Scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(12)}  ${title}`).join('\n')}
`;

await runCommand(profile, { takesArguments: true });

async function profile(signal: AbortSignal): Promise<void> {
  const names = process.argv.slice(2);
  if (names.includes('--help') || names.includes('-h')) {
    console.log(USAGE);
    return;
  }
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown !== undefined) {
    throw new OperatorError(
      `There is no scenario ${unknown}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`,
    );
  }
  const selected = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
  const bench = await openBench({ quick: false, signal, logger: createLogger({ logLevel: 'error' }) });
  try {
    const profiles = [];
    for (const scenario of selected) profiles.push({ scenario, windows: await profileScenario(bench, scenario) });
    console.log(profileReport(profiles));
  } finally {
    await bench.close();
  }
}
