import { SingleBar } from 'cli-progress';

/** Tells a person at a terminal how far it is, by a bar; where there is none, by lines. On stderr. */
export interface Progress {
  /** A run begins. */
  begin(what: string): void;
  /** It has ended, with this. */
  end(outcome: string): void;
  /** That many runs more than were planned. */
  more(runs: number): void;
  /** Something to be read, whatever the progress. */
  note(text: string): void;
  stop(): void;
}

export function createProgress(runs: number): Progress {
  if (!process.stderr.isTTY) return createLines(runs);
  let now = '';
  const bar = new SingleBar({ format: '{bar} {value}/{total}, {eta_formatted} to go  {now}', clearOnComplete: true });
  bar.start(runs, 0, { now });
  return {
    begin(what) {
      now = what;
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
  return {
    begin(what) {
      now = what;
    },
    end(outcome) {
      done += 1;
      process.stderr.write(`${done}/${total} ${now}: ${outcome}\n`);
    },
    more(extra) {
      total += extra;
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
    stop() {
      // Nothing is open.
    },
  };
}
