import { captureFetch } from './capture-fetch.js';
import { captureHttp } from './capture-http.js';
import { captureSockets } from './capture-sockets.js';

// Once in a process: test files share the modules.
captureHttp();
captureSockets();
captureFetch();
