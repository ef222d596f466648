/** Strokes on a grid of 20 by 20. */
const paths = {
  folder:
    'M2.5 5.5v9a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5V7.5A1.5 1.5 0 0 0 16 6h-6L8 4H4a1.5 1.5 0 0 0-1.5 1.5Z',
  file: 'M5 2.5h6.5L15.5 6.5v10a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.5 2.5v4h4',
  bucket:
    'M3 5.5h14l-1.7 10.2a1.5 1.5 0 0 1-1.5 1.3H6.2a1.5 1.5 0 0 1-1.5-1.3L3 5.5ZM3 5.5c0-1.4 3.1-2.5 7-2.5s7 1.1 7 2.5',
  upload: 'M10 13V3.5M6 7.5l4-4 4 4M3 13.5V16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-2.5',
  download: 'M10 3v9.5M6 8.5l4 4 4-4M3 13.5V16a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-2.5',
  link: 'M8.5 11.5a3.2 3.2 0 0 0 4.6 0l2.9-2.9a3.25 3.25 0 0 0-4.6-4.6L10 5.4M11.5 8.500a3.2 3.2 0 0 0-4.6 0L4 11.400a3.25 3.25 0 0 0 4.6 4.6L10 14.6',
  trash:
    'M3.5 5.5h13M8 5.500V3.500h4v2M5 5.500l.7 10.600a1 1 0 0 0 1 .9h6.600a1 1 0 0 0 1-.9L15 5.500M8.3 8.800v5M11.7 8.800v5',
  close: 'M5 5l10 10M15 5L5 15',
  pause: 'M7 4.500v11M13 4.500v11',
  play: 'M6.5 4l9 6-9 6Z',
  retry: 'M15.5 8A6 6 0 1 0 16 11.500M16 4v4h-4',
  down: 'M5 8l5 5 5-5',
  up: 'M5 12l5-5 5 5',
  done: 'M4 10.500l4 4 8-9',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside a word, or inside a button that has a label. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
