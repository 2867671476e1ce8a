import type { ComponentChildren } from "preact";

/** Names and what is known of them; what is not known is not listed. */
export function Facts({ entries }: { entries: readonly (readonly [string, ComponentChildren])[] }) {
  const known = entries.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A digest or id: whole for who selects or hears it, cut by the layout for who looks. */
export function Digest({ value }: { value: string }) {
  return (
    <code class="digest" title={value}>
      {value}
    </code>
  );
}

/** What the evidence does not have: said in words, never left blank. */
export function Missing({ children }: { children: ComponentChildren }) {
  return <p class="missing">{children}</p>;
}
