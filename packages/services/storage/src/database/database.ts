/** What a statement takes. */
export type Value = string | number | null;

/** A row as the database gave it; `decodeRow` makes values of it. */
export type Row = Readonly<Record<string, Value>>;

/** The two databases. Their SQL is the same but for what is rendered from a description of the schema. */
export type Dialect = "sqlite" | "postgres";

/** Runs statements, one after the other. */
export interface Session {
  readonly dialect: Dialect;
  /** Runs one statement with `$1`, `$2` … for its values. */
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
}

/** A database: what stores are written on. Every method throws STORAGE_UNAVAILABLE when it does not answer. */
export interface Database extends Session, AsyncDisposable {
  /** What is connected to, without secrets: for messages. */
  readonly name: string;
  /** Runs statements that take effect together or not at all; `work` may run again when it lost against another one. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs reading statements that all see the same moment. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work` while no other process does: for migrations. Statements are not held to a time there. */
  exclusive<T>(work: (session: ExclusiveSession) => Promise<T>): Promise<T>;
}

/** A session of its own that nobody else's work mixes with. */
export interface ExclusiveSession extends Session {
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
}
