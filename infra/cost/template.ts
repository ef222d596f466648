/** The part of a synthesized template that costs are read from. */
export interface CostTemplate {
  readonly Resources: Readonly<Record<string, CostResource>>;
}

export interface CostResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export function resourcesIn(templates: readonly CostTemplate[], type: string): CostResource[] {
  return templates
    .flatMap(({ Resources }) => Object.values(Resources))
    .filter(({ Type }) => Type === `AWS::${type}`);
}

export function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
