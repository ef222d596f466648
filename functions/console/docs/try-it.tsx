import { useState } from 'preact/hooks';
import { Fault } from '../ui/fault.tsx';
import { type Call, curlOf, type Reply, sendCall } from './call.ts';
import type { Operation } from './contract.ts';
import { exampleOf } from './example.ts';

export interface TryItProps {
  readonly operation: Operation;
  readonly credential: string;
}

/** A form that sends the operation, and shows what comes back. */
export function TryIt({ operation, credential }: TryItProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [body, setBody] = useState(operation.body && JSON.stringify(exampleOf(operation.body), null, 2));
  const [reply, setReply] = useState<Reply>();
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const call: Call = { operation, values, body, credential };

  const send = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setReply(await sendCall(call));
    } catch (cause) {
      setReply(undefined);
      setError(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      class="try-it"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void send();
      }}
    >
      {operation.parameters.map(({ name, required }) => (
        <label key={name} class="field">
          {name}
          <input
            name={name}
            required={required}
            spellcheck={false}
            value={values[name] ?? ''}
            onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
          />
        </label>
      ))}
      {body !== undefined && (
        <label class="field wide">
          Body
          <textarea
            name="body"
            rows={body.split('\n').length + 1}
            spellcheck={false}
            value={body}
            onInput={({ currentTarget }) => setBody(currentTarget.value)}
          />
        </label>
      )}
      <pre class="wide" tabIndex={0} aria-label="The same with curl">
        {curlOf(call)}
      </pre>
      <button class="primary" type="submit" aria-disabled={isBusy}>
        {isBusy ? 'Sending…' : 'Send'}
      </button>
      <div class="wide" role="status">
        {reply && <ReplyView reply={reply} />}
      </div>
      {error !== undefined && <Fault error={error} />}
    </form>
  );
}

function ReplyView({
  reply: { status, milliseconds, redirectedTo, headers, body },
}: {
  readonly reply: Reply;
}) {
  return (
    <div class="reply">
      <p>
        <strong>{status}</strong> <span class="quiet">in {Math.round(milliseconds)} ms</span>
      </p>
      {redirectedTo !== undefined && <p class="quiet">from {redirectedTo}</p>}
      <pre tabIndex={0} aria-label="Answer">
        {[...headers.map(([name, value]) => `${name}: ${value}`), '', body].join('\n')}
      </pre>
    </div>
  );
}
