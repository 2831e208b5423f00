interface ResponseBody {
  readonly code?: string;
  readonly data?: unknown;
  readonly meta?: unknown;
}

export interface ApiResponse {
  /** 0: the connection failed. */
  readonly status: number;
  readonly body: ResponseBody;
}

export interface Api {
  get(path: string, token: string): Promise<ApiResponse>;
  /** Sends JSON with the token. */
  post(path: string, token: string, body: object): Promise<ApiResponse>;
}

export function createApi(url: string): Api {
  async function send(path: string, token: string, init: RequestInit): Promise<ApiResponse> {
    try {
      const response = await fetch(url + path, {
        ...init,
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      });
      return { status: response.status, body: (await response.json()) as ResponseBody };
    } catch (error) {
      return { status: 0, body: { code: String(error instanceof Error ? (error.cause ?? error) : error) } };
    }
  }
  return {
    get: (path, token) => send(path, token, {}),
    post: (path, token, body) => send(path, token, { method: 'POST', body: JSON.stringify(body) }),
  };
}
