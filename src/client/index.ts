/** The client of the live feed, for browsers and Node. It needs socket.io-client and nothing else. */
export { createDropFeed } from './drop-feed.js';
export type { FeedError, TokenSource } from './connection.js';
export type { DropFeed, DropFeedOptions, FeedEvents, FeedStatus } from './feed-types.js';
export type { DropPicture } from './inventory-snapshots.js';
