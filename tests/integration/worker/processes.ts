import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestDatabase } from '../../helpers/database.js';
import { listenTo, type Listener } from '../../helpers/sockets.js';
import type { StoppingPlan } from './service-process.js';

const PROGRAM = join(import.meta.dirname, 'service-process.ts');

/** A service in a child process, with a connected client. */
export interface ServiceProcess {
  readonly listener: Listener;
  /** Whether the process has stopped itself according to its plan. */
  hasStopped(): boolean;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Kills the process, stopped or running. */
  end(): Promise<void>;
}

/** Starts the service with its worker in a child process and connects a client. */
export async function startServiceProcess(
  { url }: TestDatabase,
  plan: StoppingPlan | null = null,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, url, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown];
  if (!Buffer.isBuffer(port)) throw new Error('the process ended before it was up');
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  const listener = await listenTo({ url: `http://127.0.0.1:${String(port).trim()}` });
  return {
    listener,
    hasStopped: () => output.includes('stopped'),
    signal: (signal) => void child.kill(signal),
    async end() {
      listener.close();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
