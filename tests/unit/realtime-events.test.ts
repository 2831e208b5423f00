import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Socket as ClientSocket } from 'socket.io-client';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ClientEvents, ServerEvents } from '../../src/realtime/events.js';
import type { DropSocket, SocketServer } from '../../src/realtime/server/socket-types.js';

// `npm run check` compiles these functions. They are never called, because they only assert types.
describe('the types of the events', () => {
  const neverCalled = <T>(_use: (socket: T) => unknown) => undefined;
  type Client = ClientSocket<ServerEvents, ClientEvents>;

  it('define the events that a client receives', () => {
    neverCalled<Client>((socket) => {
      socket.on('inventory_update', (snapshot) => {
        expectTypeOf(snapshot.version).toEqualTypeOf<number>();
        expectTypeOf(snapshot.status).toEqualTypeOf<
          'scheduled' | 'live' | 'sold_out' | 'paused' | 'ended' | 'cancelled' | 'draft'
        >();
        // @ts-expect-error there is no such member
        return snapshot.stock;
      });
      socket.on('drop_update', ({ dropEndsAt, topPurchasers }) => {
        expectTypeOf(dropEndsAt).toEqualTypeOf<string | null>();
        expectTypeOf(topPurchasers).toEqualTypeOf<{ id: string; username: string; purchasedAt: string }[]>();
      });
      // @ts-expect-error there is no such event
      socket.on('stock_update', () => undefined);
    });
  });

  it('define the requests that a client can send, and their acknowledgements', () => {
    neverCalled<Client>(async (socket) => {
      socket.emit('drops:subscribe', { dropIds: ['id'] }, (acknowledged) => {
        if ('error' in acknowledged) expectTypeOf(acknowledged.error.message).toEqualTypeOf<string>();
        else expectTypeOf(acknowledged.serverTime).toEqualTypeOf<string>();
      });
      const acknowledged = await socket.emitWithAck('drops:subscribe', null);
      // @ts-expect-error the request may be refused
      void acknowledged.drops;
      await socket.emitWithAck('drops:unsubscribe', {});
      // @ts-expect-error ids are a list
      await socket.emitWithAck('drops:subscribe', { dropIds: 'id' });
      // @ts-expect-error there is no such request
      await socket.emitWithAck('drops:follow', {});
    });
  });

  it('define the events that the server can send', () => {
    neverCalled<SocketServer>((sockets) => {
      sockets.emit('purchase_update', { dropId: 'id', username: 'ada', purchasedAt: 'now' });
      // @ts-expect-error a purchase has a time
      sockets.emit('purchase_update', { dropId: 'id', username: 'ada' });
      // @ts-expect-error there is no such event
      sockets.emit('stock_update', {});
    });
    neverCalled<DropSocket>((socket) => {
      expectTypeOf(socket.data.claims?.sub).toEqualTypeOf<string | undefined>();
    });
  });
});

it('the types import no server code, so that a client can bundle them', () => {
  const entry = join(import.meta.dirname, '../../src/realtime/events.ts');
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?from '([^']+)';/gms)) {
      if (from.startsWith('.')) visit(join(dirname(file), from.replace(/\.js$/, '.ts')));
      else packages.add(from);
    }
  };
  visit(entry);
  expect(files.size).toBeGreaterThan(4);
  expect([...files].filter((file) => !existsSync(file) || /generated|lib.db|service\.ts/.test(file))).toEqual([]);
  expect([...packages].sort()).toEqual(['dayjs', 'zod']);
});
