import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import WebSocket from 'ws';
import { createFrameCounter } from '../../src/realtime/server/limits/frame-counter.js';
import { createLimitedWebSockets } from '../../src/realtime/server/limits/limited-websockets.js';
import { frame, OPCODE } from '../helpers/raw-websocket.js';

it('counts the frames of a stream, however it is cut into chunks', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 131, max: 65_535 }));
  const frames = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), lengths, fc.boolean()), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(frames, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map(([opcode, length, fin]) => frame(opcode, 'x'.repeat(length), { fin })));
      const count = createFrameCounter();
      let counted = 0;
      for (let at = 0, chunk = 0; at < stream.length; chunk += 1) {
        const size = sizes[chunk % sizes.length] ?? 1;
        counted += count(stream.subarray(at, at + size));
        at += size;
      }
      expect(counted).toBe(sent.length);
    }),
  );
});

it('counts frames with a length of 64 bits and without a mask', () => {
  const count = createFrameCounter();
  const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  expect(count(Buffer.concat([header, Buffer.alloc(65_536), frame(OPCODE.ping)]))).toBe(2);
});

it('a chunk beyond the limit is dropped as a whole: no frame in it is decoded', async () => {
  const ALLOWED_FRAMES = 100;
  let left = ALLOWED_FRAMES;
  let pings = 0;
  const server = createServer();
  const LimitedWebSocketServer = createLimitedWebSockets(() => (frames) => (left -= frames) >= 0);
  const websockets = new LimitedWebSocketServer({ noServer: true });
  server.on('upgrade', (req, socket, head) => {
    websockets.handleUpgrade(req, socket, head, (websocket) => {
      websocket.on('ping', () => (pings += 1));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'open');
  client.on('error', () => undefined);
  const { _socket: stream } = client as unknown as { _socket: Socket };
  stream.write(Buffer.concat(Array<Buffer>(5_000).fill(frame(OPCODE.ping))));
  await once(client, 'close');
  expect(pings).toBeLessThanOrEqual(ALLOWED_FRAMES);
  server.close();
  await once(server, 'close');
});
