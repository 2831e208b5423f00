import { createTokenBucket } from '../../../lib/token-bucket.js';

/** The largest message of a client. Naming 100 drops takes 4 kB. */
export const MAX_MESSAGE_BYTES = 8_192;
/** Frames that a connection may send at once, for each request that its socket may send in a second. */
const BURST_FRAMES_PER_REQUEST = 5;
/** Frames a second in the long run. Besides requests there are heartbeats, and fragments made by proxies. */
const FRAMES_PER_REQUEST = 2;
/** Frames, also of the largest size, that a connection may send at once with any setting: a subscription to 1000 drops. */
const MIN_BURST = 10;

/** What a connection exceeded: the number of its frames, or their bytes. */
export type ExceededLimit = 'frames' | 'bytes';

/** Counts frames and bytes that a connection has received. Returns the limit that it exceeds, or null. */
export type TrafficLimit = (frames: number, bytes: number) => ExceededLimit | null;

/** Creates the limit of one connection, in proportion to the requests that its socket may send in a second. */
export function createTrafficLimit(maxRequestsPerSecond: number): TrafficLimit {
  const burstFrames = Math.max(MIN_BURST, BURST_FRAMES_PER_REQUEST * maxRequestsPerSecond);
  const frameBucket = createTokenBucket(burstFrames, FRAMES_PER_REQUEST * maxRequestsPerSecond);
  const burstBytes = MAX_MESSAGE_BYTES * Math.max(MIN_BURST, maxRequestsPerSecond);
  const byteBucket = createTokenBucket(burstBytes, burstBytes / 2);
  return (frames, bytes) => {
    if (!frameBucket.take(frames)) return 'frames';
    return byteBucket.take(bytes) ? null : 'bytes';
  };
}
