/** The part of an answer that the demo reads. */
export interface AnswerBody {
  readonly code?: string;
  readonly data?: { readonly id?: string; readonly reservation?: { readonly id: string } };
}

export interface Api {
  /** Sends JSON as the owner of the token. A connection that fails is answered with status 0. */
  post(path: string, token: string, body: object): Promise<{ status: number; body: AnswerBody }>;
}

/** The API as a browser would call it. */
export function createApi(url: string): Api {
  return {
    async post(path, token, body) {
      try {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
          body: JSON.stringify(body),
        });
        return { status: response.status, body: (await response.json()) as AnswerBody };
      } catch (error) {
        return { status: 0, body: { code: String(error instanceof Error ? (error.cause ?? error) : error) } };
      }
    },
  };
}
