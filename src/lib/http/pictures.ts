import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { onlyGet } from './only-get.js';

const FOLDER = fileURLToPath(new URL('../../../public/images', import.meta.url));

/** Serves the pictures of this server at /images, to pages on any origin. */
export function mountPictures(app: Express): void {
  app.use(
    '/images',
    onlyGet,
    express.static(FOLDER, {
      index: false,
      redirect: false,
      acceptRanges: false,
      maxAge: '1h',
      setHeaders: (res) => {
        res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
      },
    }),
  );
}
