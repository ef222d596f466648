import { type Cloud, type Placed, resourcesOf } from '../cloud.ts';
import { placeOf } from '../finding.ts';
import { propertiesOf } from '../resolve.ts';

/** A sentence that holds for every stage; what breaks it, and where. */
export type Invariant = (cloud: Cloud) => Complaint[];

export interface Complaint {
  readonly at: string;
  readonly message: string;
}

/** An invariant of each resource by itself. */
export function each(
  types: readonly string[] | ((type: string) => boolean),
  complain: (
    properties: Record<string, unknown>,
    placed: Placed,
    cloud: Cloud,
  ) => string | readonly string[] | undefined,
): Invariant {
  const concerns = (type: string) => (typeof types === 'function' ? types(type) : types.includes(type));
  return (cloud) =>
    resourcesOf(cloud)
      .filter(({ resource }) => concerns(resource.Type))
      .flatMap((placed) =>
        [complain(propertiesOf(placed, cloud), placed, cloud) ?? []]
          .flat()
          .map((message) => ({ at: placeOf(placed), message })),
      );
}
