/** How a package gets into the closure, one line a way. */
export function DependencyPaths({ paths }: { paths: readonly (readonly string[])[] }) {
  return (
    <>
      <h3>Ways to it</h3>
      {paths.length === 0 ? (
        <p>No way is recorded.</p>
      ) : (
        <ul class="paths">
          {paths.map((path) => (
            <li key={path.join(" ")}>
              {path.map((id, index) => (
                <span key={`${index} ${id}`}>
                  {index > 0 && <span class="visually-hidden"> needs </span>}
                  <code>{id}</code>
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
