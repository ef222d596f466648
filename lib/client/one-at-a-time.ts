/**
 * Makes a function that runs tasks one after the other. Who waits for a signed URL finds, when its turn comes, what
 * the one before has fetched, instead of asking for the same again.
 */
export function oneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const turn = last.then(task);
    last = turn.catch(() => undefined);
    return turn;
  };
}
