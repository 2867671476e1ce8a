/** Tells the bench something; it waits for one message at a time. */
export function tellParent(message: object): void {
  process.send?.(message);
}

/** Ends this process with the bench, however that ends; a signal from the terminal goes to both, and the bench comes first. */
export function endWithParent(close: () => void | Promise<void> = () => {}): void {
  process.on("SIGINT", () => {});
  process.once("disconnect", () => {
    void Promise.resolve(close()).finally(() => process.exit(0));
  });
}
