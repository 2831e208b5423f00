/** The client of the live feed, for browsers and Node. Its only dependency is socket.io-client. */
export { createDropFeed } from './drop-feed.js';
export type { FeedError, TokenSource } from './connection.js';
export type { DropFeed, DropFeedOptions, FeedEvents, FeedStatus } from './feed-types.js';
export type { InventorySnapshot } from '../inventory/inventory-snapshot.js';
