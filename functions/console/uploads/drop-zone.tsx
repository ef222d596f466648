import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useAnnounce } from '../ui/announcer.tsx';
import { explain } from '../ui/fault.tsx';
import { Icon } from '../ui/icon.tsx';
import { filesOfDrop, type PickedFile } from './picked-file.ts';

export interface DropZoneProps {
  /** Where the files go, as it is shown; `undefined` where none are taken. */
  readonly target: string | undefined;
  readonly onFiles: (files: readonly PickedFile[]) => void;
  readonly children: ComponentChildren;
}

/** The main part of the page, which takes files and folders that are dropped on it. */
export function DropZone({ target, onFiles, children }: DropZoneProps) {
  const announce = useAnnounce();
  const [isOver, setOver] = useState(false);
  const allow = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = target === undefined ? 'none' : 'copy';
    setOver(target !== undefined);
  };
  return (
    <main
      class="browser"
      onDragEnter={allow}
      onDragOver={allow}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        // Crossing from one child to another is no leaving.
        if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (target === undefined || !event.dataTransfer) return;
        filesOfDrop(event.dataTransfer).then(onFiles, (error: unknown) => announce(explain(error)));
      }}
    >
      {children}
      {isOver && (
        <div class="drop-hint" aria-hidden="true">
          <Icon name="upload" />
          <p>
            Drop to upload to <strong>{target}</strong>
          </p>
        </div>
      )}
    </main>
  );
}
