import { useEffect, useState } from 'preact/hooks';
import { savedCredential } from '../session/credential.ts';
import { Fault } from '../ui/fault.tsx';
import { Mark } from '../ui/mark.tsx';
import { useAnswer } from '../ui/use-answer.ts';
import { readContract } from './call.ts';
import { type Contract, type Operation, operationsOf } from './contract.ts';
import { OperationView } from './operation-view.tsx';

/** The contract to read and to try. */
export function Docs() {
  const { value: contract, error, ask } = useAnswer(readContract, []);
  return (
    <>
      <header class="masthead">
        <a class="brand" href="/">
          <Mark />
          Stowage
        </a>
        <a href="/">Console</a>
      </header>
      <main class="docs">
        {error !== undefined && <Fault error={error} onRetry={ask} />}
        {contract && <ContractView contract={contract} />}
      </main>
    </>
  );
}

function ContractView({ contract }: { readonly contract: Contract }) {
  const [credential, setCredential] = useState(savedCredential() ?? '');
  const operations = operationsOf(contract);
  useEffect(revealTarget, []);
  return (
    <>
      <h1>{contract.info.title} API</h1>
      <p class="lead">{contract.info.description}</p>
      <p>
        All of it, for programs: <a href="/openapi.json">openapi.json</a>
      </p>
      <label class="field key-field">
        Key or token for trying
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={credential}
          onInput={({ currentTarget }) => setCredential(currentTarget.value.trim())}
        />
      </label>
      {contract.tags.map(({ name }) => (
        <Chapter
          key={name}
          title={name}
          operations={operations.filter(({ tag }) => tag === name)}
          credential={credential}
        />
      ))}
    </>
  );
}

interface ChapterProps {
  readonly title: string;
  readonly operations: readonly Operation[];
  readonly credential: string;
}

function Chapter({ title, operations, credential }: ChapterProps) {
  return (
    <section>
      <h2>{title}</h2>
      {operations.map((operation) => (
        <OperationView key={operation.id} operation={operation} credential={credential} />
      ))}
    </section>
  );
}

/** A link such as `/docs#createUpload` opens what it points at, which was not there when the page was loaded. */
function revealTarget(): void {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
}
