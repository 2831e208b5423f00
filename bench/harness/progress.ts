import { SingleBar } from 'cli-progress';

/** Shows the progress on stderr: a bar on a terminal, otherwise one line per run. */
export interface Progress {
  begin(run: string): void;
  end(outcome: string): void;
  more(runs: number): void;
  /** Prints a line beside the progress. */
  note(text: string): void;
  stop(): void;
}

export function createProgress(runs: number): Progress {
  if (!process.stderr.isTTY) return createLines(runs);
  let now = '';
  const bar = new SingleBar({ format: '{bar} {value}/{total}, {eta_formatted} to go  {now}', clearOnComplete: true });
  bar.start(runs, 0, { now });
  return {
    begin(run) {
      now = run;
      bar.update({ now });
    },
    end() {
      bar.increment();
    },
    more(extra) {
      bar.setTotal(bar.getTotal() + extra);
    },
    note(text) {
      process.stderr.write(`\r\u001b[K${text}\n`);
      bar.updateETA();
    },
    stop() {
      bar.stop();
    },
  };
}

function createLines(runs: number): Progress {
  let [done, total, now] = [0, runs, ''];
  const print = (text: string) => process.stderr.write(`${text}\n`);
  return {
    begin(run) {
      now = run;
    },
    end(outcome) {
      done += 1;
      print(`${done}/${total} ${now}: ${outcome}`);
    },
    more(extra) {
      total += extra;
    },
    note: print,
    stop: () => undefined,
  };
}
