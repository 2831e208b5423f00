import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { onlyGet } from './only-get.js';

const FOLDER = fileURLToPath(new URL('../../public', import.meta.url));
/** What browsers and crawlers fetch from every server, and the picture of previews that have no other. */
const FILES = ['/favicon.ico', '/robots.txt', '/share.png'];

/** Serves the pictures of this server at /images, and a few files beside it, to pages on any origin. */
export function mountPublicFiles(app: Express): void {
  app.all(FILES, onlyGet, serve(FOLDER));
  app.use('/images', onlyGet, serve(join(FOLDER, 'images')));
}

function serve(folder: string) {
  return express.static(folder, {
    index: false,
    redirect: false,
    acceptRanges: false,
    maxAge: '1h',
    setHeaders: (res) => {
      res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    },
  });
}
