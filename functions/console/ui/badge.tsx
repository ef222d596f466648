/** A state in a word, whose colour only repeats it. */
export function Badge({ kind, title }: { readonly kind: string; readonly title: string }) {
  return <span class={`badge ${kind}`}>{title}</span>;
}
