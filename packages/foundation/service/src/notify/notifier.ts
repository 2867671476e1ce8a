/** Tells the service manager about this process. */
export interface Notifier {
  notify(lines: readonly string[]): void;
}
/** */
export function createNotifier(): Notifier {
  return { notify: () => {} };
}
