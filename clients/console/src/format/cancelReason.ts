/** What Broker says of a cancelled file transfer without a reason. */
const NO_REASON = 'FileTransfer cancelled'

/** The sender's reason in the status text of a cancelled file transfer; undefined when it has given none. */
export const cancelReason = (statusText: string): string | undefined =>
  statusText === NO_REASON ? undefined : statusText
