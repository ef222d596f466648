import { useState } from 'preact/hooks';
import type { Operation, Parameter } from './contract.ts';
import { Properties, SchemaView } from './schema-view.tsx';
import { TryIt } from './try-it.tsx';

export interface OperationViewProps {
  readonly operation: Operation;
  readonly credential: string;
}

/** One operation: a line, which opens to what it takes, what it answers, and a form to try it. */
export function OperationView({ operation, credential }: OperationViewProps) {
  const { id, method, path, summary, description, isPublic, parameters, body, answer } = operation;
  const [isOpen, setOpen] = useState(false);
  return (
    <details id={id} class="operation" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span class={`method ${method}`}>{method.toUpperCase()}</span>
        <code>{path}</code>
        <span class="quiet">{summary}</span>
      </summary>
      {isOpen && (
        <div class="operation-body">
          {description !== undefined && <p>{description}</p>}
          {isPublic && <p>Needs no key.</p>}
          {parameters.length > 0 && (
            <>
              <h3>Parameters</h3>
              <Properties schema={schemaOfParameters(parameters)} />
            </>
          )}
          {body && (
            <>
              <h3>Body</h3>
              <SchemaView schema={body} />
            </>
          )}
          <h3>Answer {answer.status}</h3>
          <p>{answer.description}</p>
          {answer.schema && <SchemaView schema={answer.schema} />}
          <h3>Try it</h3>
          <TryIt operation={operation} credential={credential} />
        </div>
      )}
    </details>
  );
}

function schemaOfParameters(parameters: readonly Parameter[]) {
  return {
    properties: Object.fromEntries(
      parameters.map(({ name, description, schema }) => [
        name,
        { ...schema, ...(description !== undefined && { description }) },
      ]),
    ),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}
