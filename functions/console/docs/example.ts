import type { Schema } from './contract.ts';

/** A value to begin with: all that is required, as plain as the schema allows. */
export function exampleOf(schema: Schema): unknown {
  const {
    type,
    const: constant,
    default: fallback,
    enum: choices,
    items,
    properties,
    required = [],
  } = schema;
  if (constant !== undefined) return constant;
  if (fallback !== undefined) return fallback;
  if (choices) return choices[0];
  const [alternative] = schema.oneOf ?? schema.anyOf ?? [];
  if (alternative) return exampleOf(alternative);
  if (type === 'array') return items ? [exampleOf(items)] : [];
  if (type === 'object') {
    const named = Object.entries(properties ?? {}).filter(([name]) => required.includes(name));
    return Object.fromEntries(named.map(([name, property]) => [name, exampleOf(property)]));
  }
  if (type === 'integer' || type === 'number') return schema.minimum ?? 0;
  if (type === 'boolean') return false;
  return '';
}
