import { searchAnswer, type Answer } from './answer-rules.js';

const requests = new WeakMap<Response, Pick<Answer, 'method' | 'authorization'>>();

/**
 * Searches the bodies that tests read with fetch(): responses of services in other processes. Those of this process are searched
 * when they are sent. Call it once in a process.
 */
export function captureFetch(): void {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await send(input, init);
    const { method, headers } = input instanceof Request ? input : { method: 'GET', headers: undefined };
    const authorization = new Headers(init?.headers ?? headers).get('authorization') ?? undefined;
    requests.set(response, { method: init?.method ?? method, authorization });
    return response;
  };
  const prototype = Response.prototype as { text: () => Promise<string>; json: () => Promise<unknown> };
  const { text } = prototype;
  prototype.text = async function (this: Response) {
    const body = await text.call(this);
    const request = requests.get(this);
    const isText = /json|text\/(?:html|plain|csv)/.test(this.headers.get('content-type') ?? '');
    if (request && isText) {
      const { pathname, search } = new URL(this.url);
      searchAnswer({ ...request, url: pathname + search, status: this.status, text: body });
    }
    return body;
  };
  prototype.json = async function (this: Response) {
    return JSON.parse(await this.text()) as unknown;
  };
}
