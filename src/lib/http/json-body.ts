import express, { type RequestHandler } from 'express';
import { UnsupportedMediaTypeError } from '../errors/index.js';

// Not strict: a number is valid JSON, and it is the schema that says what else was expected.
const parse = express.json({ limit: '16kb', type: 'application/json', strict: false });

/** Reads a JSON body of at most 16 kB; refuses any other kind of body. */
export const jsonBody: RequestHandler = (req, res, next) => {
  // is() is null without a body: then the schema says what is missing.
  if (req.is('application/json') === false) throw new UnsupportedMediaTypeError();
  parse(req, res, next);
};
