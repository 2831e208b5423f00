import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { onlyGet } from './only-get.js';

const FOLDER = fileURLToPath(new URL('../../public', import.meta.url));
/** Files that browsers and crawlers request from every server, and the image of previews without their own. */
const FILES = ['/favicon.ico', '/robots.txt', '/share.png'];

/** Serves the images at /images and a few files, to pages on any origin. */
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
