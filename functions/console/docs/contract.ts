/** The part of OpenAPI 3.1 and JSON Schema that the service's contract uses. */

export interface Contract {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<Method, OperationObject>>>>>;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

export type Method = (typeof methods)[number];

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Empty: needs no credential. */
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema } | undefined>>;

export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** One thing that the service does. */
export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly isPublic: boolean;
  readonly parameters: readonly Parameter[];
  /** The JSON that is sent, if any. */
  readonly body: Schema | undefined;
  /** What is answered when all is well. */
  readonly answer: {
    readonly status: string;
    readonly description: string;
    readonly schema: Schema | undefined;
  };
}

/** Every operation, in the order of the contract. */
export function operationsOf({ paths }: Contract): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation ? [describe(method, path, operation)] : [];
    }),
  );
}

function describe(method: Method, path: string, operation: OperationObject): Operation {
  const { operationId, tags, summary, description, security, parameters = [], requestBody } = operation;
  const [status = '', response] = Object.entries(operation.responses)[0] ?? [];
  return {
    id: operationId,
    tag: tags[0] ?? '',
    method,
    path,
    summary,
    description,
    isPublic: security?.length === 0,
    parameters,
    body: requestBody?.content['application/json']?.schema,
    answer: {
      status,
      description: response?.description ?? '',
      schema: response?.content?.['application/json']?.schema,
    },
  };
}
