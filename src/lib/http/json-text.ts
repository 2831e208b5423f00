/**
 * The `data` of a response as JSON text, as PostgreSQL can build it. It is sent as it is: a long list that is parsed and serialized
 * again occupies the event loop for longer than everything else of its request.
 *
 * Requests whose handlers return the same object get the same bytes: a read that several requests share is serialized once.
 */
export class JsonText<Data> {
  /** For the type only: what the text contains. */
  declare readonly data?: Data;

  constructor(readonly json: string) {}
}
