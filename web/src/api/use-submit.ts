import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type RefObject } from 'react';
import { ApiError, isOutcomeUnknown, isProblemOf, isTransient } from './problem.js';

/** Attempts after the first one, with the key of the first. */
const RETRIES = 2;

interface SubmitOptions<Content, Result> {
  /** Sends the request. `key` is its Idempotency-Key: the same for the same content until a request has succeeded. */
  readonly send: (content: Content, key: string) => Promise<Result>;
  /** Retries automatically when no answer came: a repeated request has no further effect. */
  readonly isIdempotent?: boolean;
  readonly mutationKey?: readonly unknown[];
  /** Shared by requests that exclude each other. */
  readonly lockRef?: RefObject<boolean>;
  readonly onSuccess: (result: Result) => void;
  /** @param isUncertain The request, or an earlier one with the same content, may have been carried out. */
  readonly onError?: (error: Error, isUncertain: boolean, content: Content) => void;
}

export interface Submit<Content> {
  /** Sends the request, unless the last one is still pending. */
  readonly submit: (content: Content) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** A request may have been carried out: its answer was lost, and no later answer has settled it. */
  readonly isUncertain: boolean;
}

interface Attempt {
  readonly key: string;
  isUncertain: boolean;
}

/** A request that changes something: one at a time, with one Idempotency-Key for each content. */
export function useSubmit<Result, Content = void>(options: SubmitOptions<Content, Result>): Submit<Content> {
  const { send, isIdempotent = false, mutationKey, onSuccess, onError } = options;
  const ownLockRef = useRef(false);
  const lockRef = options.lockRef ?? ownLockRef;
  /** Requests that have not succeeded yet, by their content as JSON: a form may be changed, sent, and changed back. */
  const attemptsRef = useRef(new Map<string, Attempt>());
  const [isUncertain, setIsUncertain] = useState(false);

  function isAnyUncertain(): boolean {
    return [...attemptsRef.current.values()].some((attempt) => attempt.isUncertain);
  }

  const mutation = useMutation({
    ...(mutationKey && { mutationKey }),
    retry: (failures, error) => isIdempotent && failures < RETRIES && isTransient(error),
    retryDelay: (failures, error) => (error instanceof ApiError ? (error.retryAfter ?? 1) : 1) * 1_000 * (failures + 1),
    async mutationFn(content: Content) {
      const attempt = attemptsRef.current.get(jsonOf(content)) ?? { key: newKey(), isUncertain: false };
      attemptsRef.current.set(jsonOf(content), attempt);
      try {
        return await send(content, attempt.key);
      } catch (error) {
        attempt.isUncertain ||= isOutcomeUnknown(error);
        throw error;
      }
    },
    onSuccess(result, content) {
      attemptsRef.current.delete(jsonOf(content));
      setIsUncertain(isAnyUncertain());
      onSuccess(result);
    },
    onError(error, content) {
      const attempt = attemptsRef.current.get(jsonOf(content));
      // A refusal settles the attempt: the repeat of a request that was carried out returns its result.
      if (attempt && isRefusal(error)) attempt.isUncertain = false;
      setIsUncertain(isAnyUncertain());
      onError?.(error, attempt?.isUncertain ?? false, content);
    },
  });

  return {
    submit(content) {
      // A second click comes before React has rendered the first one.
      if (lockRef.current) return;
      lockRef.current = true;
      mutation
        .mutateAsync(content)
        .catch(() => undefined)
        .finally(() => {
          lockRef.current = false;
        });
    },
    isPending: mutation.isPending,
    error: mutation.error,
    isUncertain,
  };
}

/** Wrapped in an array, since JSON has no `undefined`, which stands for no content. */
function jsonOf(content: unknown): string {
  return JSON.stringify([content]);
}

function isRefusal(error: Error): boolean {
  return error instanceof ApiError && error.problem.status < 500 && !isProblemOf(error, 'rate-limited');
}

/** A unique key. `crypto.randomUUID` is missing on pages that were loaded over plain HTTP. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
