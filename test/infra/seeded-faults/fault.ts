import type { Cloud, CloudResource } from '../verification/cloud.ts';
import { dig } from '../verification/dig.ts';

/** A mistake that somebody could make, and the check that must notice it. */
export interface SeededFault {
  /** What has gone wrong, as a sentence. */
  readonly name: string;
  /** The name of a check or of a tool. */
  readonly caughtBy: string;
}

/** A mistake in what comes out: made in a copy of the templates. */
export interface TemplateFault extends SeededFault {
  readonly spoil: (cloud: Cloud) => void;
}

/** A mistake in the code of `infra`: one text stands in the place of another. */
export interface CodeFault extends SeededFault {
  /** The name of a file somewhere in `infra`. */
  readonly file: string;
  /** Must stand there, or the fault is out of date. */
  readonly from: string;
  readonly to: string;
}

export type Properties = Record<string, unknown>;

/**
 * Changes the first resource of a type, and of a logical id if that is given.
 *
 * @throws Error when there is none: a fault that spoils nothing proves nothing
 */
export function on(
  type: string,
  change: (properties: Properties, resource: CloudResource) => void,
  id = /./,
): (cloud: Cloud) => void {
  return (cloud) => {
    const { resource } = find(cloud, type, id);
    resource.Properties ??= {};
    change(resource.Properties, resource);
  };
}

/** Sets what stands at a path in the properties of the first resource of a type. `undefined` takes it away. */
export function put(type: string, path: string, value: unknown, id = /./): (cloud: Cloud) => void {
  return on(
    type,
    (properties) => {
      const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
      const last = steps.at(-1) ?? '';
      const parent = dig(properties, ...steps.slice(0, -1));
      if (typeof parent !== 'object' || parent === null) throw new Error(`${type} has no ${path}.`);
      if (value !== undefined) Object.assign(parent, { [last]: value });
      else if (!Reflect.has(parent, last)) throw new Error(`${type} has no ${path}.`);
      else Reflect.deleteProperty(parent, last);
    },
    id,
  );
}

/** Takes the first resource of a type away. */
export function remove(type: string, id = /./): (cloud: Cloud) => void {
  return (cloud) => {
    const found = find(cloud, type, id);
    Reflect.deleteProperty(found.resources, found.id);
  };
}

/** Replaces a text, in quotes where it stands whole, in all that is said of a resource. */
export function rewrite(type: string, from: string | RegExp, to: string, id = /./): (cloud: Cloud) => void {
  return (cloud) => {
    const found = find(cloud, type, id);
    const text = JSON.stringify(found.resource);
    const rewritten = text.replace(from, to);
    if (rewritten === text) throw new Error(`${type} does not say ${String(from)}.`);
    found.resources[found.id] = JSON.parse(rewritten);
  };
}

/** Adds a resource to the stack that holds the first one of a type. */
export function beside(type: string, id: string, resource: CloudResource): (cloud: Cloud) => void {
  return (cloud) => {
    find(cloud, type, /./).resources[id] = resource;
  };
}

/** The logical id of the first resource of a type. */
export function idOf(cloud: Cloud, type: string, id = /./): string {
  return find(cloud, type, id).id;
}

function find(cloud: Cloud, type: string, id: RegExp) {
  for (const { template } of cloud.stacks.toSorted((a, b) => rank(a.name) - rank(b.name))) {
    for (const [key, resource] of Object.entries(template.Resources)) {
      if (resource.Type === type && id.test(key)) {
        return { id: key, resource, resources: template.Resources };
      }
    }
  }
  throw new Error(`There is no ${type} like ${id.source}.`);
}

/** Data and API come first: they are in every stage. */
function rank(stackName: string): number {
  const found = ['Data', 'Api'].indexOf(stackName.replace(/^.*-/, ''));
  return found < 0 ? 2 : found;
}
