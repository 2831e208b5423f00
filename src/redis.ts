// What needs Redis. Its client consists of hundreds of modules: they are loaded only where REDIS_URL is set.
export { createSharedCounts } from './lib/http/rate-limits/shared-counts.js';
export { connectRedisCluster } from './realtime/cluster/redis-cluster.js';
