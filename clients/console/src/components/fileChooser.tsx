import { Paragraph, ValidationMessage } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { useTexts } from '../state/context.js'
import type { ChosenFile } from '../state/sending/keptFiles.js'

type Props = {
  id: string
  label: string
  onChoose: (files: ChosenFile[]) => void
  multiple?: boolean
  error?: string | undefined
}

/** Chooses files, also by dropping them. The browser's own dialog for handles is used where there is one. */
export function FileChooser({ id, label, onChoose, multiple = false, error }: Props) {
  const texts = useTexts()
  const [isOver, setOver] = useState(false)
  const [folders, setFolders] = useState<string[]>([])
  const choose = (files: ChosenFile[], found: string[] = []) => {
    setFolders(found)
    if (files.length > 0) onChoose(multiple ? files : files.slice(0, 1))
  }
  const pick = async (open: NonNullable<typeof window.showOpenFilePicker>) => {
    const handles = await open({ multiple })
    choose(await Promise.all(handles.map(async (handle) => ({ handle, file: await handle.getFile() }))))
  }
  return (
    <div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the input inside is what people without a mouse use. */}
      <div
        className="ds-file-upload"
        data-over={isOver}
        onDragEnter={() => setOver(true)}
        onDragOver={(event) => event.preventDefault()}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          if (event.dataTransfer)
            void droppedIn(event.dataTransfer).then(({ files, folders }) => choose(files, folders))
        }}
      >
        <label htmlFor={id}>{label}</label>
        <Paragraph data-size="sm" className="subtle" id={`${id}-help`}>
          {texts.dropFileHelp}
        </Paragraph>
        <input
          type="file"
          id={id}
          multiple={multiple}
          aria-describedby={`${id}-help`}
          aria-invalid={error !== undefined}
          onClick={(event) => {
            if (!window.showOpenFilePicker) return
            event.preventDefault()
            // The user may choose nothing.
            void pick(window.showOpenFilePicker.bind(window)).catch(() => undefined)
          }}
          onChange={(event) => {
            choose([...(event.currentTarget.files ?? [])].map((file) => ({ file })))
            // The same file may be chosen again.
            event.currentTarget.value = ''
          }}
        />
      </div>
      {error && <ValidationMessage>{error}</ValidationMessage>}
      {folders.length > 0 && <ValidationMessage role="alert">{texts.noFolders(folders)}</ValidationMessage>}
    </div>
  )
}

/** The files of a drop, and the names of the folders. What is dropped must be taken before the event ends. */
async function droppedIn({ items }: DataTransfer): Promise<{ files: ChosenFile[]; folders: string[] }> {
  const dropped = [...items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
      handle: item.getAsFileSystemHandle?.().catch(() => null),
    }))
  const folders = dropped.flatMap(({ entry }) => (entry?.isDirectory ? [entry.name] : []))
  const files = dropped.flatMap(({ entry, file, handle }) => (file && !entry?.isDirectory ? [{ file, handle }] : []))
  const withHandles = files.map(async ({ file, handle: handling }) => {
    const handle = await handling
    return handle?.kind === 'file' ? { file, handle: handle as FileSystemFileHandle } : { file }
  })
  return { files: await Promise.all(withHandles), folders }
}
