import { formatCount } from '../ui/format.ts';
import type { Schema } from './contract.ts';

/** A schema as a list of its properties, or of the forms that it may take. */
export function SchemaView({ schema }: { readonly schema: Schema }) {
  const forms = formsOf(schema);
  if (forms.length === 0) return <Properties schema={schema} />;
  return (
    <ol class="forms">
      {forms.map((form, index) => (
        <li key={index}>
          <p class="quiet">{index === 0 ? 'Either' : 'or'}</p>
          <Properties schema={form} />
        </li>
      ))}
    </ol>
  );
}

export function Properties({ schema }: { readonly schema: Schema }) {
  const { properties = {}, required = [] } = schema;
  return (
    <dl class="properties">
      {Object.entries(properties).map(([name, property]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
            {!required.includes(name) && <span class="optional quiet">optional</span>}
          </dt>
          <dd>
            <span class="quiet">{[typeOf(property), ...limitsOf(property)].join(', ')}</span>
            {property.description !== undefined && <p>{property.description}</p>}
            <Inside schema={property} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What an object or the items of an array consist of. */
function Inside({ schema }: { readonly schema: Schema }) {
  const { items, additionalProperties } = schema;
  const values = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const inner = items ?? values ?? schema;
  return inner.properties || formsOf(inner).length > 0 ? <SchemaView schema={inner} /> : null;
}

/** The alternatives that have properties to show; those of plain values stand in {@link typeOf}. */
function formsOf({ oneOf, anyOf }: Schema): readonly Schema[] {
  return (oneOf ?? anyOf ?? []).filter(({ properties }) => properties);
}

function typeOf(schema: Schema): string {
  const { type, const: constant, enum: choices, format, items, oneOf, anyOf, additionalProperties } = schema;
  if (constant !== undefined) return JSON.stringify(constant);
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  if (items) return `array of ${typeOf(items)}`;
  if (typeof additionalProperties === 'object') return `object of ${typeOf(additionalProperties)} by name`;
  const alternatives = oneOf ?? anyOf;
  if (alternatives) return [...new Set(alternatives.map(typeOf))].join(' or ');
  return format ?? String(type ?? 'any');
}

function limitsOf(schema: Schema): readonly string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, default: fallback } = schema;
  return [
    range(minimum, maximum, ''),
    range(minLength, maxLength, ' characters'),
    range(minItems, maxItems, ' items'),
    fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`,
  ].filter((text) => text !== '');
}

/** @param unit - what is counted, if it is not the value itself that is bounded */
function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === 1 && most === undefined && unit !== '') return 'not empty';
  if (least !== undefined && most !== undefined)
    return `${formatCount(least)} to ${formatCount(most)}${unit}`;
  if (least !== undefined) return `at least ${formatCount(least)}${unit}`;
  return most === undefined ? '' : `at most ${formatCount(most)}${unit}`;
}
