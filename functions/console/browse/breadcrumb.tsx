import { may } from '../session/access.ts';
import { useSession } from '../session/session.ts';
import { folderOf, linkTo, type Place } from './place.ts';

/** The way from the bucket to the folder. Steps that the caller may not list are no links. */
export function Breadcrumb({ bucket, prefix }: Place) {
  const { me } = useSession();
  const steps = stepsTo(bucket, folderOf(prefix));
  return (
    <nav class="breadcrumb" aria-label="Folder">
      <ol>
        {steps.map((step, index) => (
          <li key={step.prefix}>
            {may(me.grants, 'list', bucket, step.prefix) ? (
              <a
                href={linkTo({ bucket, prefix: step.prefix })}
                aria-current={index === steps.length - 1 ? 'location' : undefined}
              >
                {step.name}
              </a>
            ) : (
              <span>{step.name}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface Step {
  readonly name: string;
  readonly prefix: string;
}

function stepsTo(bucket: string, folder: string): readonly Step[] {
  const steps: Step[] = [{ name: bucket, prefix: '' }];
  for (const [segment] of folder.matchAll(/[^/]*\//g)) {
    steps.push({ name: segment.slice(0, -1) || '/', prefix: (steps.at(-1)?.prefix ?? '') + segment });
  }
  return steps;
}
