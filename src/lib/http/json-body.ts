import express, { type RequestHandler } from 'express';
import { UnsupportedMediaTypeError } from '../errors/index.js';

// Not strict: a number is valid JSON, and it is the schema that says what else was expected.
const parse = express.json({ limit: '16kb', type: 'application/json', strict: false });

/** Reads a JSON body of at most 16 kB; refuses any other kind of body. */
export const jsonBody: RequestHandler = (req, res, next) => {
  // Without a body, or with an empty one that has no type, the schema says what is missing.
  const empty = req.headers['content-length'] === '0';
  if (!empty && req.is('application/json') === false) throw new UnsupportedMediaTypeError();
  parse(req, res, next);
};
