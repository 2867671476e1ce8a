interface Turn {
  readonly acts: (() => void)[];
  readonly done: Promise<void>;
}

let turn: Turn | undefined;

/**
 * Does something at the end of this turn of the event loop: after all reading of the turn, and together with what else waits for
 * it. That is for what writes to a connection: a call of the system that has to wake the reader's processor costs several
 * times one that finds it awake. Resolves when all of the turn is done. What
 * `act` throws is an uncaught error of the process, as in any timer; what else is of the turn is done all the same.
 */
export function atEndOfTurn(act: () => void): Promise<void> {
  turn ??= beginTurn();
  turn.acts.push(act);
  return turn.done;
}

function beginTurn(): Turn {
  const { promise, resolve } = Promise.withResolvers<void>();
  const acts: (() => void)[] = [];
  setImmediate(() => {
    turn = undefined;
    for (const act of acts) actAlone(act);
    resolve();
  });
  return { acts, done: promise };
}

function actAlone(act: () => void): void {
  try {
    act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
