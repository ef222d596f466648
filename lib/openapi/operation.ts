import type * as v from 'valibot';

/** A route as the contract describes it. The schemas are the ones that validate. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{parameters}` as OpenAPI writes them. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly isPublic?: true;
  readonly query?: v.GenericSchema & { readonly entries: Readonly<Record<string, v.GenericSchema>> };
  readonly body?: v.GenericSchema;
  readonly isBodyOptional?: true;
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly schema?: v.GenericSchema;
  };
}
