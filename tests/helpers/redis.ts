import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { until } from './locks.js';

/** Debian's redis-server, on a port of its own, that can be taken away and brought back. */
export interface TestRedis {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Whether there is a redis-server here to test with. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Chooses a port; nothing runs yet. */
export async function createTestRedis(): Promise<TestRedis> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  let server: ChildProcess | undefined;

  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      // In memory alone: it leaves nothing behind.
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
      server = spawn('redis-server', settings, { stdio: 'ignore' });
      await until('Redis to answer', () => answers(port));
    },
    async kill() {
      if (!server?.kill('SIGKILL')) return;
      await once(server, 'exit');
    },
  };
}

function answers(port: number): Promise<boolean> {
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
