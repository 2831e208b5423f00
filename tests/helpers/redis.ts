import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { findFreePort } from './free-port.js';
import { until } from './locks.js';

/** Debian's redis-server, which a test can stop and start again. */
export interface TestRedis {
  readonly url: string;
  start(): Promise<void>;
  /** Kills the server. */
  kill(): Promise<void>;
  /** Stops the process of the server, whose connections stay open without replies; `resume` continues it. */
  pause(): void;
  resume(): void;
}

/** Whether redis-server is installed. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Chooses a port; the server is not started yet. */
export async function createTestRedis(): Promise<TestRedis> {
  const port = await findFreePort();
  let server: ChildProcess | undefined;

  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      // No file is written.
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      server = spawn('redis-server', settings, { stdio: 'ignore' });
      await until('Redis to accept connections', () => acceptsConnections(port));
    },
    async kill() {
      if (!server?.kill('SIGKILL')) return;
      await once(server, 'exit');
    },
    pause() {
      server?.kill('SIGSTOP');
    },
    resume() {
      server?.kill('SIGCONT');
    },
  };
}

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
