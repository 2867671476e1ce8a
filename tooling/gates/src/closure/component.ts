/** A package that gets installed with another one. */
export interface Component {
  /** `name@version`; for what comes from no registry, `name@` and where it comes from. */
  id: string;
  name: string;
  version: string;
  /** Package URL. */
  purl: string;
  /** Subresource integrity of its tarball, from the lockfile; absent for git dependencies and workspace packages. */
  integrity?: string;
  /** Folder relative to the workspace, when the package is one of its own. */
  folder?: string;
  /** Whether every way to it passes an optional dependency, such as the binary of another platform. */
  optional: boolean;
  dependencies: ComponentLink[];
  /** Shortest ways from the package to this component, one for each direct dependency, at most five; as ids. */
  dependencyPaths: string[][];
}

/** A dependency as the depending package names it. */
export interface ComponentLink {
  /** Name in the manifest, an alias where it differs from the component's name. */
  name: string;
  /** Id of the component. */
  id: string;
  optional: boolean;
}

/** Everything that a consumer of one package installs, by the lockfile, on whatever platform. */
export interface ProductionClosure {
  /** The package itself; its `dependencyPaths` are empty. */
  root: Component & { folder: string };
  /** Without the package itself, ordered by id. */
  components: Component[];
}
