import { useRef } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { filesOfInput, type PickedFile } from './picked-file.ts';

/** Known to every browser, but not to the types. */
const folderPicker = { webkitdirectory: true };

/** The way in for those who don't drag: the browser's own pickers. */
export function UploadButtons({ onFiles }: { readonly onFiles: (files: readonly PickedFile[]) => void }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    onFiles(filesOfInput(currentTarget));
    // So that choosing the same again is a change again.
    currentTarget.value = '';
  };
  return (
    <div class="upload-buttons">
      <button type="button" onClick={() => folder.current?.click()}>
        Upload folder
      </button>
      <button type="button" class="primary" onClick={() => files.current?.click()}>
        <Icon name="upload" />
        Upload files
      </button>
      <input ref={files} type="file" multiple hidden onChange={take} />
      <input ref={folder} type="file" {...folderPicker} hidden onChange={take} />
    </div>
  );
}
