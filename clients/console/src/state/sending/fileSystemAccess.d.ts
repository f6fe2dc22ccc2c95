// https://wicg.github.io/file-system-access: what Chromium has, and TypeScript's DOM does not.

declare global {
  interface Window {
    showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>
  }
  interface FileSystemHandle {
    queryPermission?(options: { mode: 'read' }): Promise<PermissionState>
    requestPermission?(options: { mode: 'read' }): Promise<PermissionState>
  }
  interface DataTransferItem {
    getAsFileSystemHandle?(): Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>
  }
}

export {}
